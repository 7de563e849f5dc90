// Reading a chart with the pointer or the arrow keys. The table beside it holds the same numbers.
"use strict";

(() => {
  const tip = document.createElement("output");
  tip.className = "chart-tip";
  tip.hidden = true;

  const dotsOf = (chart) => {
    const shown = [...chart.children].find((size) => size.offsetParent !== null);
    return shown ? [...shown.querySelectorAll(".dot")] : [];
  };

  const centre = (dot) => {
    const box = dot.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };

  const distance = (dot, event) => {
    const { x, y } = centre(dot);
    return Math.abs(x - event.clientX) * 4 + Math.abs(y - event.clientY);
  };

  const show = (chart, dot) => {
    const { x, y } = centre(dot);
    const frame = chart.getBoundingClientRect();
    tip.textContent = dot.dataset.label;
    tip.hidden = false;
    chart.append(tip);
    const half = tip.offsetWidth / 2;
    const left = Math.min(Math.max(x - frame.x, half), frame.width - half);
    // Through the object model: the policy forbids style attributes, not this.
    tip.style.left = `${left}px`;
    tip.style.top = `${y - frame.y}px`;
    chart.querySelectorAll(".dot.read").forEach((other) => other.classList.remove("read"));
    dot.classList.add("read");
  };

  const hide = (chart) => {
    tip.hidden = true;
    chart.querySelectorAll(".dot.read").forEach((dot) => dot.classList.remove("read"));
  };

  document.addEventListener("pointermove", (event) => {
    const chart = event.target.closest?.("[data-chart]");
    if (!chart) {
      const open = tip.closest("[data-chart]");
      if (open) hide(open);
      return;
    }
    const dots = dotsOf(chart);
    if (!dots.length) return;
    show(chart, dots.reduce((a, b) => (distance(b, event) < distance(a, event) ? b : a)));
  });

  document.addEventListener("keydown", (event) => {
    const chart = event.target.closest?.("[data-chart]");
    if (!chart || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const dots = dotsOf(chart);
    const step = event.key === "ArrowRight" ? 1 : -1;
    const next = dots.findIndex((dot) => dot.classList.contains("read")) + step;
    if (dots.length) show(chart, dots.at(Math.min(Math.max(next, 0), dots.length - 1)));
    event.preventDefault();
  });
})();
