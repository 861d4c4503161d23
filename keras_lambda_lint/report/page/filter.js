"use strict";
{
  const form = document.getElementById("filter");
  if (form) {
    const count = document.getElementById("count");
    const items = [...document.querySelectorAll(".item")].map((element) => ({
      element,
      text: `${element.closest("section").querySelector("h2").textContent} ${element.textContent}`.toLowerCase(),
    }));
    const groups = [...document.querySelectorAll(".group")];

    const apply = () => {
      const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = [...form.querySelectorAll("select")].map((each) => [each.name, each.value]);
      let shown = 0;
      for (const { element, text } of items) {
        const matches =
          words.every((word) => text.includes(word)) &&
          wanted.every(([name, value]) => !value || element.dataset[name].split(" ").includes(value));
        element.hidden = !matches;
        shown += matches;
      }
      for (const group of groups) {
        group.hidden = !group.querySelector(".item:not([hidden])");
      }
      count.textContent = `${shown} of ${items.length} shown`;
    };

    let waiting;
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(apply, 120);
    });
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    apply();
  }
}
