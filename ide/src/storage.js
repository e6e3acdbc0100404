// What the page keeps in the browser: queries, tabs, settings. GraphiQL's history keeps the headers of each query too,
// and so the token; they are taken out here.

const histories = new Set(['graphiql:queries', 'graphiql:favorites']);

/** The browser's storage without headers. */
export const storage = {
  getItem: (key) => localStorage.getItem(key),
  removeItem: (key) => localStorage.removeItem(key),
  clear: () => localStorage.clear(),
  get length() {
    return localStorage.length;
  },
  setItem: (key, value) => localStorage.setItem(key, histories.has(key) ? withoutHeaders(value) : value),
};

function withoutHeaders(history) {
  return JSON.stringify(JSON.parse(history), (name, value) => (name === 'headers' ? undefined : value));
}
