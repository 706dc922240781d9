"use strict";
// Points at a chart show the row of its table that is about that part of the width. The page is whole without.
const tip = document.getElementById("tip");
const percent = (permille) => `${permille / 10}%`;

function charted(figure) {
  const heads = [...figure.querySelectorAll("thead th")].map((cell) => cell.textContent);
  return [...figure.querySelectorAll("tr[data-from]")].map((row) => ({
    from: Number(row.dataset.from),
    to: Number(row.dataset.to),
    text: [...row.cells].map((cell, index) => (index ? `${heads[index]}: ` : "") + cell.textContent).join("\n"),
  }));
}

function wire(figure) {
  const plot = figure.querySelector(".plot");
  const picture = plot.querySelector("svg");
  const cursor = figure.querySelector(".cursor");
  const rows = charted(figure);
  let current = -1;

  function show(index) {
    current = index;
    const row = rows[index];
    const box = picture.getBoundingClientRect();
    const middle = (row.from + row.to) / 2;
    cursor.setAttribute("x1", percent(middle));
    cursor.setAttribute("x2", percent(middle));
    cursor.classList.add("on");
    tip.textContent = row.text;
    tip.hidden = false;
    const at = box.left + (box.width * middle) / 1000;
    const left = at + 12 + tip.offsetWidth > document.documentElement.clientWidth ? at - 12 - tip.offsetWidth : at + 12;
    tip.style.left = `${Math.max(left, 4) + window.scrollX}px`;
    tip.style.top = `${box.top + window.scrollY + 8}px`;
  }

  function hide() {
    cursor.classList.remove("on");
    tip.hidden = true;
  }

  function point(event) {
    const box = picture.getBoundingClientRect();
    const at = (1000 * (event.clientX - box.left)) / box.width;
    const index = rows.findIndex((row) => row.from <= at && at < row.to);
    if (index < 0) hide();
    else show(index);
  }

  function step(event) {
    const moves = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: rows.length - 1 };
    if (event.key === "Escape") hide();
    if (!(event.key in moves)) return;
    event.preventDefault();
    show(Math.min(Math.max(moves[event.key], 0), rows.length - 1));
  }

  if (!rows.length) return;
  plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-label", "Chart: the arrow keys read its figures");
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", point);
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("keydown", step);
  plot.addEventListener("blur", hide);
}

document.querySelectorAll("figure.chart").forEach(wire);
