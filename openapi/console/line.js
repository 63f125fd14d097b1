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
  #attempt = 0;
  #failures = 0;
  #timer = 0;

  // url is the console's, without a query.
  constructor(url, on) {
    this.#url = url;
    this.#on = on;
  }

  // connect opens the line; with take it takes it from whoever holds it elsewhere. An attempt under way is given up.
  //
  // It asks before it opens a WebSocket, since browsers send the user's password with one only after a request below the
  // same path.
  async connect({ take = false } = {}) {
    this.#leave();
    this.#on.phase("connecting");
    const attempt = this.#attempt;
    const refusal = await this.#refusal({ follow: false });
    if (attempt !== this.#attempt) {
      return;
    }
    if (refusal) {
      this.#closed(refusal);
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

  // refusal is why the console cannot be had, null if it can. Without following nothing is opened that could fail.
  async #refusal({ follow, take }) {
    try {
      const url = this.#address("", { tail: 0, follow, ...taking(take) });
      const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(patience) });
      if (answer.ok && follow) {
        await answer.body.cancel(); // it has no end
        return null;
      }
      const body = await answer.text();
      return answer.ok ? null : refusalOf(answer.status, body);
    } catch {
      return { reason: "the server does not answer", retry: true };
    }
  }

  #open(take) {
    const resume = this.#session && { resume: `${this.#session}.${this.#at}` };
    const url = this.#address("/ws", { ...taking(take), ...resume });
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
    socket.onclose = () => this.#broke(take);
    this.#socket = socket;
  }

  #address(path, query) {
    const url = new URL(this.#url + path);
    url.search = new URLSearchParams(query);
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
        this.#leave();
        this.#closed(message);
    }
    this.#on[message.type]?.(message);
  }

  // leave gives up the connection, or the attempt at one.
  #leave() {
    clearTimeout(this.#timer);
    this.#attempt++;
    if (this.#socket) {
      this.#socket.onclose = this.#socket.onmessage = null;
      this.#socket.close();
      this.#socket = null;
    }
  }

  // broke is an end that the server has not announced. If there was no beginning either it has refused the WebSocket;
  // browsers do not tell why, so the same is asked without one.
  async #broke(take) {
    const attempt = this.#attempt;
    const refusal = this.#openSince === Infinity ? await this.#refusal({ follow: true, take }) : null;
    if (attempt === this.#attempt) {
      this.#closed(refusal ?? { reason: "the connection broke", retry: true });
    }
  }

  // closed is the end of a connection, or of an attempt. It is held if somebody holds the machine's line elsewhere.
  #closed({ reason, retry, held = false }) {
    this.#failures = performance.now() - this.#openSince > good ? 0 : this.#failures + 1;
    this.#openSince = Infinity;
    this.#socket = null;
    if (!retry) {
      this.#on.phase("ended", { reason, held });
      return;
    }
    const pause = this.#pause();
    this.#on.phase("waiting", { reason, held, seconds: Math.ceil(pause / 1000) });
    this.#timer = setTimeout(() => this.connect(), pause);
  }

  // pause is how long to wait before the next attempt: longer each time, and not as long as other viewers of a server
  // that starts again.
  #pause() {
    return Math.min(soon * 2 ** this.#failures, late) * (0.5 + Math.random() / 2);
  }
}

function taking(take) {
  return take && { take };
}

// refusalOf is what the server's answer tells. Failures of the server or of the machine's controller may pass.
function refusalOf(status, body) {
  const reason = detail(body) ?? `the server answers ${status}`;
  return { reason, retry: status >= 500, held: /\btake\b|somebody else/.test(reason) };
}

function detail(body) {
  try {
    return JSON.parse(body).detail;
  } catch {
    return undefined;
  }
}
