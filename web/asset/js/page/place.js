// Where a person is, for who shows them an answer that may come late.

/**
 * Marks the page that is shown. Since pages follow each other in one document, an answer
 * can come when its page is none any more; it must not bring the person back.
 * @returns {() => boolean} whether they are still there
 */
export function markPlace() {
  const { pathname } = location;
  return () => location.pathname === pathname;
}
