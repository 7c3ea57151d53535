// The server: JSON in, JSON out, and errors that say whether to try again.

const PATIENCE = 20_000;

export class ServerError extends Error {
  /** `status` is 0 when no answer came at all. */
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status === 401 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export class Server {
  constructor(mode) {
    this.mode = mode;
  }

  settings() {
    return this.#ask("settings", { method: "GET" });
  }

  post(what, message) {
    return this.#ask(what, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message),
    });
  }

  async #ask(what, request) {
    let reply;
    let content;
    try {
      reply = await fetch(`/api/${encodeURIComponent(this.mode)}/${what}`, {
        ...request,
        signal: AbortSignal.timeout(PATIENCE),
        credentials: "same-origin",
      });
      content = await reply.json();
    } catch (error) {
      throw new ServerError(reply && !reply.ok ? reply.status : 0, String(error.message ?? error));
    }
    if (!reply.ok) throw new ServerError(reply.status, content.error ?? reply.statusText);
    return content;
  }
}
