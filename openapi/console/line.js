// How long until a connection that broke is tried again, in milliseconds: at first, and at most.
const soon = 500;
const late = 15_000;
// A connection that lasted so long was a good one: when it breaks, the next is tried soon.
const good = 10_000;
// The server gives up a machine's controller sooner, but a network may lose its answer.
const patience = 180_000;

const encoder = new TextEncoder();

// Line is the page's connection with a node's console. When it breaks it connects again and goes on where it was: it
// counts what the machine printed, and the server leaves out what was seen.
//
// It calls on.phase with "connecting", "open", "waiting" (it will connect by itself) or "ended", and with what is new;
// on.printed with the machine's bytes; and for a message of the server the function that is called like its type, if
// there is one.
export class Line {
  #url;
  #on;
  #socket = null;
  #session = "";
  #at = 0;
  #openSince = Infinity;
  #tries = 0;
  #timer = 0;

  // url is the console's, without a query.
  constructor(url, on) {
    this.#url = url;
    this.#on = on;
  }

  // connect opens the line; with take it takes it from whoever holds it elsewhere.
  async connect({ take = false } = {}) {
    clearTimeout(this.#timer);
    this.#on.phase("connecting");
    const refused = await this.#refused(take);
    if (refused) {
      this.#closed(refused);
      return;
    }
    this.#open(take);
  }

  // type sends what was typed, text or bytes.
  type(typed) {
    this.#send(typeof typed === "string" ? encoder.encode(typed) : typed);
  }

  // say sends a message: "ask", "give" or "keep".
  say(type) {
    this.#send(JSON.stringify({ type }));
  }

  #send(data) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(data);
    }
  }

  // refused finds out why the console cannot be had, null if it can: browsers do not tell why a WebSocket was refused.
  // Also they send the user's password with a WebSocket only after a request below the same path.
  async #refused(take) {
    const url = this.#address("", { follow: false, tail: 0, take });
    try {
      const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(patience) });
      const body = await answer.text();
      return answer.ok ? null : refusal(answer.status, body);
    } catch {
      return { reason: "the server does not answer", retry: true };
    }
  }

  #open(take) {
    const url = this.#address("/ws", { take, resume: this.#session && `${this.#session}.${this.#at}` });
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") {
        this.#heard(JSON.parse(data));
      } else {
        this.#printed(new Uint8Array(data));
      }
    };
    socket.onclose = () => this.#closed({ reason: "the connection broke", retry: true });
    this.#socket = socket;
  }

  // address is the console's with what has a value in the query.
  #address(path, query) {
    const url = new URL(this.#url + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== "" && value !== false || name === "follow") {
        url.searchParams.set(name, value);
      }
    }
    return url;
  }

  #printed(bytes) {
    this.#at += bytes.length;
    this.#on.printed(bytes);
  }

  #heard(message) {
    switch (message.type) {
      case "welcome":
        this.#session = message.session;
        this.#at = message.at;
        this.#openSince = performance.now();
        this.#on.phase("open", { you: message.you, reason: "" });
        break;
      case "lost":
        this.#at += message.bytes;
        break;
      case "end":
        this.#socket.onclose = null; // the server has told why
        this.#socket.close();
        this.#closed(message);
    }
    this.#on[message.type]?.(message);
  }

  // closed is the end of a connection, or of an attempt.
  #closed({ reason, retry, held = false }) {
    this.#socket = null;
    if (!retry) {
      this.#on.phase("ended", { reason, held });
      return;
    }
    const pause = this.#pause();
    this.#on.phase("waiting", { reason, seconds: Math.ceil(pause / 1000) });
    this.#timer = setTimeout(() => this.connect(), pause);
  }

  // pause is how long to wait before the next attempt: longer each time, and not as long as other viewers of a server
  // that starts again.
  #pause() {
    this.#tries = performance.now() - this.#openSince > good ? 0 : this.#tries + 1;
    this.#openSince = Infinity;
    return Math.min(soon * 2 ** this.#tries, late) * (0.5 + Math.random() / 2);
  }
}

// refusal is what the server's answer tells: why, whether it may be otherwise later, and whether somebody else holds the
// machine's line, who can be robbed of it.
function refusal(status, body) {
  const reason = detail(body) ?? `the server answers ${status}`;
  return { reason, retry: status >= 500, held: status === 409 && /\btake/.test(reason) };
}

function detail(body) {
  try {
    return JSON.parse(body).detail;
  } catch {
    return undefined;
  }
}
