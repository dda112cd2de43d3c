// Where a person is, for who shows them an answer that may come late.
import { parsePage } from "./fragment.js";

/**
 * Marks the page that is shown. Since pages follow each other in one document, an answer
 * can come when its page is none any more; it must not bring the person back.
 * @returns {() => boolean} whether they are still there
 */
export function markPlace() {
  const { pathname } = location;
  return () => location.pathname === pathname;
}

/**
 * The page that is shown, as the server has it now.
 * @returns {Promise<Document | null>} null if it has none for this session, or if another
 *   one is shown by then; rejected where no server answers
 */
export async function fetchAnew() {
  const shown = () => location.pathname + location.search;
  const at = shown();
  const answer = await fetch(at, { headers: { Accept: "text/html" } });
  const page = parsePage(await answer.text());
  return answer.ok && !answer.redirected && shown() === at ? page : null;
}
