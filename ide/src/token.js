// A token can be handed over in the part of the address behind `#`, which browsers never send to a server:
// /ide#token=… It is taken out of the address at once, so that it stays in no bookmark and no history.

/** The headers that the editor begins with. */
export function firstHeaders() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) {
    history.replaceState(null, '', location.pathname + location.search);
  }
  return { Authorization: `Bearer ${token ?? ''}` };
}
