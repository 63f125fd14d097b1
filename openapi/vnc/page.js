import RFB from "./novnc/core/rfb.js";

// How long the server may take to answer, in milliseconds.
const patience = 30_000;

const element = (id) => document.getElementById(id);

// The headnode is the last part of the page's address. The API is beside the page, whatever a proxy puts in front of both.
const segment = location.pathname.split("/").pop();
const headnode = decodeURIComponent(segment);
const api = new URL(`../v0/headnode/${segment}`, location.href);

let screen = null;

// show says how things are, why if there is a reason, and offers what can be done.
function show(state, text = "") {
  element("state").textContent = state;
  element("text").textContent = text;
  element("text").hidden = text === "";
  element("keys").hidden = state !== "Connected";
  element("again").hidden = state !== "Closed";
}

// refusal is why the headnode has no screen now, "" if it has one.
//
// It is asked before a WebSocket is opened, too: browsers send the user's password with one only after a request below the
// same path.
async function refusal() {
  try {
    const answer = await fetch(api.origin + api.pathname, { cache: "no-store", signal: AbortSignal.timeout(patience) });
    const body = await answer.json();
    if (!answer.ok) {
      return `${body.msg}.`;
    }
    return body.vncport === null ? "The headnode is off, or its host cannot be reached. Start it, then connect again." : "";
  } catch {
    return "The server cannot be reached.";
  }
}

async function connect() {
  show("Connecting");
  const reason = await refusal();
  if (reason !== "") {
    show("Closed", reason);
    return;
  }
  const url = `${api.protocol === "https:" ? "wss:" : "ws:"}//${api.host}${api.pathname}/vnc`;
  screen = new RFB(element("screen"), url, { shared: true, wsProtocols: ["binary"] });
  screen.scaleViewport = true;
  screen.addEventListener("connect", () => {
    show("Connected");
    screen.focus();
  });
  screen.addEventListener("disconnect", async () => {
    screen = null;
    show("Closed", (await refusal()) || "The screen was closed.");
  });
}

element("headnode").textContent = headnode;
document.title = `${headnode} – screen`;
element("keys").addEventListener("click", () => {
  screen?.sendCtrlAltDel();
  screen?.focus();
});
element("again").addEventListener("click", connect);
connect();
