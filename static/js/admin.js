/* The admin's dropdowns speak Chinese: Unfold starts Select2 without its language file.
   And everything that answers a click answers the keyboard: Unfold's are often no buttons. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const select2 = window.django && window.django.jQuery && window.django.jQuery.fn.select2;
  if (!select2) return;
  const words = {
    noResults: () => "没有找到",
    searching: () => "正在查找…",
    loadingMore: () => "正在载入更多…",
    errorLoading: () => "没有载入成功，请重试",
    inputTooShort: () => "请再输入几个字",
    inputTooLong: () => "输入的内容太长",
    maximumSelected: () => "已选满",
    removeAllItems: () => "全部清除",
    removeItem: () => "清除",
  };
  select2.defaults.set("language", words);
});

(() => {
  // What takes the focus by itself, or holds something that does: a click on it is that one's.
  const NATIVE = "a[href], button, input, select, textarea, summary, label, iframe, [contenteditable]";
  // Icons without words, by the name of their ligature.
  const NAMES = { close: "关闭", visibility: "显示或隐藏密码" };
  const CLICK = /^(?:x-on:|@)click(?:\.|$)/;
  // Outside its element, or only in passing: nothing that one could press.
  const ELSEWHERE = /\.(?:outside|away|window|document|self)(?:\.|$)/;

  const answersClicks = (item) =>
    item.getAttributeNames().some((name) => CLICK.test(name) && !ELSEWHERE.test(name));

  const reach = (item) => {
    if (item.matches(NATIVE) || item.querySelector(NATIVE) || !answersClicks(item)) return;
    if (!item.hasAttribute("tabindex")) item.setAttribute("tabindex", "0");
    if (!item.hasAttribute("role")) item.setAttribute("role", "button");
    const icon = item.textContent.trim();
    if (NAMES[icon] && !item.ariaLabel && !item.title) item.setAttribute("aria-label", NAMES[icon]);
    item.dataset.pressable = "";
  };

  const reachIn = (root) => {
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    reach(root);
    root.querySelectorAll("*").forEach(reach);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const item = event.target;
    if (!(item instanceof Element) || !("pressable" in item.dataset)) return;
    event.preventDefault(); // Space would scroll
    item.click();
  });

  document.addEventListener("DOMContentLoaded", () => {
    reachIn(document.body);
    // htmx's swaps and Alpine's teleported menus come later.
    new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(reachIn))).observe(
      document.body,
      { childList: true, subtree: true },
    );
  });
})();

// Django's calendar and clock buttons are pictures; who can't see them is told what they do.
addEventListener("load", () => setTimeout(() => {
  for (const link of document.querySelectorAll("a[id^=calendarlink], a[id^=clocklink]")) {
    const picture = link.querySelector("[title]");
    if (picture && !link.hasAttribute("aria-label")) link.setAttribute("aria-label", picture.title);
  }
}));

// Names for boxes that the theme leaves without: fields of a row by the column's head, and the boxes that Select2 draws
// by the label of the select that they stand for.
(() => {
  const nameIn = (root) => {
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    for (const cell of root.closest("td[data-label]") ? [root.closest("td[data-label]")] : root.querySelectorAll("td[data-label]")) {
      for (const field of cell.querySelectorAll("input:not([type=hidden]), select, textarea")) {
        if (!field.labels.length && !field.ariaLabel) field.setAttribute("aria-label", cell.dataset.label);
      }
    }
    for (const box of root.matches(".select2-container") ? [root] : root.querySelectorAll(".select2-container")) {
      const select = box.previousElementSibling;
      const shown = box.querySelector(".select2-selection__rendered");
      if (!select || !shown || !select.matches("select")) continue;
      const label = select.labels[0];
      const whole = box.querySelector(".select2-selection");
      if (label) label.id = `${select.id}_label`;
      for (const part of [shown, ...box.querySelectorAll(".select2-search__field")]) {
        if (label) part.setAttribute("aria-labelledby", label.id);
        else part.setAttribute("aria-label", select.ariaLabel || "");
      }
      if (label) whole.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    nameIn(document.body);
    new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(nameIn))).observe(
      document.body,
      { childList: true, subtree: true },
    );
  });
})();

// Lists: columns of numbers stand to the right, words longer than a short name wrap where a list is too wide, and on a phone what is blank takes no room.
document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("#result_list");
  if (!table) return;
  const rows = [...table.querySelectorAll("tr.data-row")];
  const heads = [...table.querySelectorAll("thead th")];
  const words = (cell) => cell.textContent.trim();
  heads.forEach((head, place) => {
    const cells = rows.map((row) => row.cells[place]).filter(Boolean);
    const filled = cells.filter((cell) => !["", "—", "-"].includes(words(cell)));
    cells.filter((cell) => !filled.includes(cell) && !cell.querySelector("input, a, img, svg")).forEach((cell) => cell.classList.add("is-blank"));
    if (filled.length && filled.every((cell) => cell.tagName === "TD" && /^-?[\d,]+(\.\d+)?%?$/.test(words(cell)) && words(cell).length < 9)) {
      [head, ...cells].forEach((cell) => cell.classList.add("is-number"));
    } else if (filled.some((cell) => words(cell).length > 13 && !/^[\d\s:,.-]+$/.test(words(cell)))) {
      cells.forEach((cell) => cell.classList.add("is-long"));
    }
  });
});

// Whoever opens a record has seen it: noted by a POST of its own, since pages only read.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-seen]");
  if (!form) return;
  const told = new FormData(form);
  told.set("act", "seen");
  fetch(form.action, { method: "POST", body: told, redirect: "manual" }).then(() => {
    const button = form.querySelector('[value="seen"]');
    if (button) button.remove();
  }).catch(() => {}); // the button stays
});
