// How the engine stands where there is none.

/** No module runs, so that there will be no copy. @type {Standing} */
export const NO_COPY = { ready: false, online: true, cursor: 0, bytes: 0, rows: 0, waiting: 0, rejected: 0, none: true };
