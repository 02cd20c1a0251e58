// The board: drag a card to another stage, or hold Shift and press an arrow key. Underneath stands a
// form with marks and a select, which does the same without script. The server decides each move.

const board = () => document.querySelector("[data-board]");
let dragged = null;

const columns = () => [...board().querySelectorAll("[data-stage]")];
const linksIn = (column) => [...column.querySelectorAll("[data-card] .board__title a")];

function move(card, column) {
  const stage = column.dataset.stage;
  if (!window.htmx || card.closest("[data-stage]") === column) return;
  const link = card.querySelector(".board__title a").id;
  const place = document.querySelector(".case-board").scrollLeft;
  window.htmx
    .ajax("POST", board().dataset.moveUrl, {
      source: board(),
      target: "#case-board",
      swap: "outerHTML",
      values: { case: card.dataset.card, version: card.dataset.version, stage },
    })
    .then(() => {
      document.querySelector(".case-board").scrollLeft = place;
      document.getElementById(link)?.focus();
    });
}

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card) return;
  dragged = card;
  card.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.querySelector(".board__title").textContent);
});

document.addEventListener("dragover", (event) => {
  const column = dragged && event.target.closest?.("[data-stage]");
  if (!column) return;
  event.preventDefault();
  for (const one of columns()) one.classList.toggle("is-target", one === column);
});

document.addEventListener("drop", (event) => {
  const column = dragged && event.target.closest?.("[data-stage]");
  if (!column) return;
  event.preventDefault();
  move(dragged, column);
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  for (const one of columns()) one.classList.remove("is-target");
});

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("[data-card] .board__title a");
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
    event.key
  ];
  if (!link || !step || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = columns();
  const column = link.closest("[data-stage]");
  const place = linksIn(column).indexOf(link);
  const [across, down] = step;
  event.preventDefault();
  if (event.shiftKey) {
    const target = all[all.indexOf(column) + across];
    if (across && target) move(link.closest("[data-card]"), target);
    return;
  }
  if (down) {
    linksIn(column)[place + down]?.focus();
    return;
  }
  // the next stage in this direction that holds cards
  for (let at = all.indexOf(column) + across; all[at]; at += across) {
    const found = linksIn(all[at]);
    if (found.length) {
      found[Math.min(place, found.length - 1)].focus();
      return;
    }
  }
});

// Links are what a browser drags by itself; here the card goes as a whole.
function prepare() {
  if (!board()) return;
  for (const card of board().querySelectorAll("[data-card]")) {
    card.draggable = true;
    card.querySelector(".board__title a").draggable = false;
  }
}
prepare();
document.addEventListener("htmx:afterSettle", prepare);
