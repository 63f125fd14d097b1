import { FitAddon } from "./addon-fit.mjs";
import { Terminal } from "./xterm.mjs";

// What programs ask a terminal, and what it answers as if somebody typed: what it is, where its cursor stands, how it is
// set, which colours it has.
const questions = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
];
const settingQuestion = { intermediates: "$", final: "q" };
const colourQuestions = [4, 10, 11, 12];
// What a terminal tells, without being asked, to programs that want to know whether it has the focus.
const focusReports = ["\x1b[I", "\x1b[O"];

// openTerminal fills an element of the page with a terminal. It calls on.typed with text or bytes for the machine, and
// on.leave when the person wants to get out of the terminal without a mouse.
//
// While on.silent() the terminal tells the machine nothing but what is typed: each viewer's terminal is asked, and again
// whenever old output is shown, but one is to answer.
export function openTerminal(place, on) {
  const terminal = new Terminal({
    fontFamily: 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace',
    fontSize: 14,
    scrollback: 10_000,
  });
  terminal.open(place);
  follow(terminal, place);
  silence(terminal, on.silent);
  terminal.attachCustomKeyEventHandler((event) => !leaves(event) || (on.leave(), false));
  terminal.onData((text) => (focusReports.includes(text) && on.silent()) || on.typed(text));
  terminal.onBinary((bytes) => on.typed(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
  return terminal;
}

// follow gives the terminal the size and the colours of its place.
function follow(terminal, place) {
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  new ResizeObserver(() => fit.fit()).observe(place);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const dye = () => {
    const { color, backgroundColor } = getComputedStyle(place);
    terminal.options.theme = { foreground: color, background: backgroundColor, cursor: color, cursorAccent: backgroundColor };
    // Machines choose their colours for dark terminals; on a light one they are darkened until they can be read.
    terminal.options.minimumContrastRatio = dark.matches ? 1 : 4.5;
  };
  dark.addEventListener("change", dye);
  dye();
}

function silence(terminal, silent) {
  for (const question of questions) {
    terminal.parser.registerCsiHandler(question, silent);
  }
  terminal.parser.registerDcsHandler(settingQuestion, silent);
  for (const colour of colourQuestions) {
    terminal.parser.registerOscHandler(colour, (data) => data.includes("?") && silent());
  }
}

// leaves is about a key that no program on a serial line gets to see.
function leaves(event) {
  return event.ctrlKey && event.shiftKey && event.key === "ArrowUp";
}
