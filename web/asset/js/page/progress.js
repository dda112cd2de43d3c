// Moves a job's bar, figures and chart between its changes of state.
import { count, duration, partOf, rate } from "./format.js";

const CHART = { width: 240, height: 40, most: 300 };

/** @param {string} job @param {Progress} p */
export function showProgress(job, p) {
  const id = CSS.escape(job);
  for (const place of document.querySelectorAll(`[data-job="${id}"]`)) showIn(place, p);
  for (const chart of document.querySelectorAll(`[data-chart="${id}"]`)) {
    if (chart instanceof HTMLElement) extendChart(chart, p.rate);
  }
}

/** @param {Element} place @param {Progress} p */
function showIn(place, p) {
  const bar = place.querySelector('progress[data-part="bar"]');
  if (bar instanceof HTMLProgressElement && p.total > 0) {
    bar.max = p.total;
    bar.value = share(p) * p.total;
  }
  write(place, "count", countText(p));
  write(place, "message", p.message);
  write(place, "rate", p.rate > 0 ? rate(p.rate) : "");
  const left = p.rate > 0 ? (p.total - p.done) / p.rate : 0;
  write(place, "left", left > 0 ? `${duration(Math.max(1, left))} left` : "");
}

/**
 * How far a job is in files, or within its only one.
 * @param {Pick<Progress, "done" | "total" | "unit" | "bytes_done" | "bytes_total">} p
 */
export function countText({ done, total, unit, bytes_done = 0, bytes_total = 0 }) {
  if (total <= 0) return "looking into the archive";
  if (total === 1 && done === 0 && bytes_total > 0) return partOf(Math.min(bytes_done, bytes_total), bytes_total);
  return `${count(done)} of ${count(total)} ${total === 1 ? unit.replace(/s$/, "") : unit}`;
}

/**
 * How far a job is, as page.Progress.Share says.
 * @param {Progress} p
 */
export function share(p) {
  if (p.total <= 0) return 0;
  const files = p.done / p.total;
  if (p.done >= p.total || !p.bytes_total) return files;
  return Math.max(files, Math.min(0.99, (p.bytes_done ?? 0) / p.bytes_total));
}

/**
 * @param {ParentNode} place @param {string} part its data-part @param {string} text
 */
export function write(place, part, text) {
  const element = place.querySelector(`[data-part="${part}"]`);
  if (element && element.textContent !== text) element.textContent = text;
}

/** @param {HTMLElement} chart @param {number} sample */
function extendChart(chart, sample) {
  const samples = (chart.dataset.samples ?? "").split(" ").filter(Boolean).map(Number);
  samples.push(sample);
  if (samples.length > CHART.most) samples.shift();
  chart.dataset.samples = samples.map((s) => s.toFixed(1)).join(" ");
  if (samples.length < 2) return;
  chart.hidden = false;
  const peak = Math.max(...samples);
  chart.querySelector("polyline")?.setAttribute("points", chartPoints(samples, peak));
  const label = chart.querySelector("[data-peak]");
  if (label) label.textContent = `most ${rate(peak)}`;
}

/** @param {number[]} samples @param {number} peak */
function chartPoints(samples, peak) {
  const x = (/** @type {number} */ i) => (i / (samples.length - 1)) * CHART.width;
  const y = (/** @type {number} */ s) => CHART.height - 1 - (s / (peak || 1)) * (CHART.height - 2);
  return samples.map((s, i) => `${x(i).toFixed(1)},${y(s).toFixed(1)}`).join(" ");
}
