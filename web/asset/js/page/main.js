// Starts what the page at hand can use. The page works without any of it.
import { startAppShell } from "./app-shell.js";
import { startClock } from "./clock.js";
import { startCopying } from "./copy-cells.js";
import { startDialogs } from "./dialog.js";
import { startForms } from "./form.js";
import { startGrid } from "./grid.js";
import { startJobPage } from "./job-page.js";
import { startKeptRows } from "./kept-rows.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startLook } from "./look.js";
import { startNavigation } from "./navigate.js";
import { startOpenCell } from "./open-cell.js";
import { isOpening, open } from "./opening.js";
import { startQuery } from "./query-editor.js";
import { startRefreshing } from "./refresh.js";
import { startReplica } from "./replica.js";
import { startSaving } from "./save-table.js";
import { startSearch } from "./search.js";
import { startTableList } from "./table-list.js";
import { startThemeChoice } from "./theme-choice.js";
import { showLocalTimes } from "./time.js";
import { startToasts } from "./toast.js";
import { startTour } from "./tour.js";
import { startUploads } from "./upload.js";

if (isOpening()) open(start);
else start(null);

/** @param {Worker | null} worker of this tab, if it runs already */
function start(worker) {
  showLocalTimes(document);
  startThemeChoice();
  startDialogs();
  const live = startLive();
  startForms(live);
  startJobPage();
  startKeys();
  startGrid();
  startCopying();
  startQuery();
  startTableList();
  startToasts();
  startTour();
  startKeptRows();
  startRefreshing();
  startClock();
  startUploads();
  startLook();
  startSearch();
  const replica = startReplica(live, worker);
  startSaving(replica);
  startOpenCell();
  startNavigation(replica);
  startAppShell();
}
