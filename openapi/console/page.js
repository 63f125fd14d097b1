import { Line } from "./line.js";
import { openTerminal } from "./terminal.js";

// How long the page shows what is soon of no interest, in milliseconds.
const glance = 6000;

const element = (id) => document.getElementById(id);

// The node is the last part of the page's address. The API is beside the page, whatever a proxy puts in front of both.
const segment = location.pathname.split("/").pop();
const node = decodeURIComponent(segment);
const api = new URL(`../v0/node/${segment}/console`, location.href);

// What the page knows, for show to show.
const nobody = { writer: "", mine: false, askedBy: "", told: "" };
const known = { phase: "", reason: "", seconds: 0, held: false, you: "", ...nobody };

// The page's address may have a password before the host; the API's must not.
const line = new Line(api.origin + api.pathname, {
  phase: (phase, news) => learn({ phase, ...news, ...nobody }),
  printed: (bytes) => terminal.write(bytes),
  lost: ({ bytes }) => note(bytes ? `${bytes} bytes are missing here` : "something is missing here"),
  refused: ({ reason }) => tell(`What you typed was not passed on: ${reason}.`),
  keyboard: ({ writer, mine, asked_by: askedBy }) => {
    const kept = writer === known.writer && known.askedBy === known.you && askedBy === "";
    learn({ writer, mine, askedBy, told: "" });
    if (kept) {
      tell(`${writer} keeps the keyboard.`);
    }
  },
});

const terminal = openTerminal(element("terminal"), {
  typed: (typed) => line.type(typed),
  silent: () => !known.mine,
  leave: () => document.querySelector("header").focus(),
});

// note writes a dim line into the terminal, after ending whatever the machine was about to tell the terminal.
function note(text) {
  terminal.write(`\x18\r\n\x1b[2m[${text}]\x1b[22m\r\n`);
}

let forgetting = 0;

function tell(text) {
  clearTimeout(forgetting);
  forgetting = setTimeout(() => learn({ told: "" }), glance);
  learn({ told: text });
}

function learn(news) {
  Object.assign(known, news);
  show();
}

function show() {
  const open = known.phase === "open";
  const failed = !open && known.reason !== "";
  const asked = known.mine && known.askedBy !== "";
  document.body.dataset.phase = known.phase;
  say("state", stateText());
  say("keyboard", open ? keyboardText() : "");
  say("text", noticeText());
  offer("ask", open && known.writer !== "" && !known.mine && known.askedBy !== known.you);
  offer("give", open && known.mine, asked ? `Give it to ${known.askedBy}` : "Lay it down");
  offer("keep", open && asked);
  offer("again", failed);
  offer("take", failed && known.held);
}

// say changes a text only if it is another one: programs for the blind read out what changes.
function say(id, text) {
  if (element(id).textContent !== text) {
    element(id).textContent = text;
  }
}

// offer shows a button or hides it. What is typed must not go to a hidden one.
function offer(id, possible, label) {
  const button = element(id);
  if (!possible && button === document.activeElement) {
    terminal.focus();
  }
  button.hidden = !possible;
  if (label) {
    say(id, label);
  }
}

function stateText() {
  switch (known.phase) {
    case "open":
      return `Connected as ${known.you}`;
    case "connecting":
      return "Connecting";
    case "waiting":
      return "Not connected";
    default:
      return "Closed";
  }
}

function keyboardText() {
  if (known.mine) {
    return "You have the keyboard";
  }
  return known.writer ? `${known.writer} has the keyboard` : "Nobody has the keyboard: type to take it";
}

function noticeText() {
  switch (known.phase) {
    case "open":
      return known.told || askedText();
    case "waiting":
      return `${sentence(known.reason)} Trying again in ${known.seconds} s.`;
    default:
      return sentence(known.reason);
  }
}

function askedText() {
  switch (known.askedBy) {
    case "":
      return "";
    case known.you:
      return `You asked ${known.writer} for the keyboard.`;
    default:
      return known.mine
        ? `${known.askedBy} asks for the keyboard, and gets it if you neither type nor answer.`
        : `${known.askedBy} asked ${known.writer} for the keyboard.`;
  }
}

// sentence makes one of a text of the server's.
function sentence(text) {
  return text && text[0].toUpperCase() + text.slice(1) + ".";
}

// press lets a button do something. What is typed next is for the machine.
function press(id, act) {
  element(id).addEventListener("click", () => {
    act();
    terminal.focus();
  });
}

for (const wish of ["ask", "give", "keep"]) {
  press(wish, () => line.say(wish));
}
press("again", () => line.connect());
press("take", () => line.connect({ take: true }));
// Some keys are the browser's: Ctrl+W deletes a word on the machine, but would close the page.
addEventListener("beforeunload", (event) => known.mine && event.preventDefault());

document.title = `${node} console`;
element("node").textContent = node;
terminal.focus();
line.connect();
