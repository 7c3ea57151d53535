// One window an annotator: a second one takes over, and the first one rests until it is asked back.

import { randomId } from "./text.js";

/** Announce this window; `rest` is called when another one of the same session takes over. */
export function soleWindow(session, rest) {
  const me = randomId();
  const channel = new BroadcastChannel(`nerture ${session}`);
  channel.onmessage = (event) => {
    if (event.data !== me) rest();
  };
  channel.postMessage(me);
}
