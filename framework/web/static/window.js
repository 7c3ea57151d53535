// One window per annotator: a second one takes over, and the first one pauses until it is reloaded.

import { randomId } from "./text.js";

/** Announce this window; `pause` is called when another one of the same session takes over. */
export function soleWindow(session, pause) {
  const me = randomId();
  const channel = new BroadcastChannel(`nerture ${session}`);
  channel.onmessage = (event) => {
    if (event.data !== me) pause();
  };
  channel.postMessage(me);
}
