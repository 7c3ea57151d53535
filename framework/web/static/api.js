// Requests to the server: JSON in, JSON out, and errors that say whether to retry.

const TIMEOUT = 20_000;

export class ServerError extends Error {
  /** `status` is 0 if there was no reply. */
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether the same request may succeed later. */
  get temporary() {
    return this.status === 0 || this.status === 401 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export class Server {
  constructor(mode) {
    this.mode = mode;
  }

  settings() {
    return this.#request("settings", { method: "GET" });
  }

  post(path, message) {
    return this.#request(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message),
    });
  }

  async #request(path, options) {
    let reply;
    let content;
    try {
      reply = await fetch(`/api/${encodeURIComponent(this.mode)}/${path}`, {
        ...options,
        signal: AbortSignal.timeout(TIMEOUT),
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
