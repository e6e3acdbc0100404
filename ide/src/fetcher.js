// How the page asks: queries and mutations over HTTP, subscriptions over graphql-transport-ws, both on this host and
// both with the headers of the editor.

import { createClient } from 'graphql-ws';
import { getOperationAST, parse } from 'graphql';

const url = '/graphql';

/** A fetcher for GraphiQL. `first`: the headers the editor begins with. */
export function fetcherStartingWith(first) {
  return (params, options = {}) => {
    let headers = filledIn(options.headers ?? {});
    // The schema is asked for before the headers editor is there.
    if (params.operationName === 'IntrospectionQuery' && !('authorization' in authorization(headers))) {
      headers = { ...filledIn(first), ...headers };
    }
    return isSubscription(params) ? subscribe(params, headers) : ask(params, headers);
  };
}

/** The headers without an authorization that nobody has filled in. */
function filledIn(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => !/^\s*(bearer)?\s*$/i.test(value)));
}

/** Read from the text that is sent: the editor's own reading of it comes a moment later. */
function isSubscription({ query, operationName }) {
  try {
    return getOperationAST(parse(query), operationName)?.operation === 'subscription';
  } catch {
    // The server says better what is wrong with it.
    return false;
  }
}

async function ask(params, headers) {
  const response = await fetch(url, {
    method: 'POST',
    credentials: 'omit',
    headers: {
      accept: 'application/graphql-response+json, application/json;q=0.9',
      ...headers,
      'content-type': 'application/json',
    },
    body: JSON.stringify(params),
  });
  return response.json();
}

/** One socket for one subscription: the headers may have changed since the last. */
async function* subscribe(params, headers) {
  const client = createClient({
    url: new URL(url, location.href).href.replace(/^http/, 'ws'),
    connectionParams: authorization(headers),
    retryAttempts: 0,
  });
  try {
    yield* client.iterate(params);
  } catch (error) {
    // A closing event has no message of its own.
    throw error?.code ? new Error(`${error.code} ${error.reason}`) : error;
  } finally {
    client.dispose();
  }
}

/** Of the headers only the token belongs into the first message of a socket. */
function authorization(headers) {
  const entry = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization');
  return entry ? { authorization: entry[1] } : {};
}
