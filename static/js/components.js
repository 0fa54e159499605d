// What the components do beside showing: every one of them works without this file, only less comfortably.
// Kept to what Chromium 86 understands. Pieces that htmx brings in later are set up as they come.
(() => {
  const setups = []; // [selector, function of the element]
  const setup = (root) => {
    for (const [selector, make] of setups) {
      const all = [...root.querySelectorAll(selector)];
      if (root.matches && root.matches(selector)) all.unshift(root);
      for (const item of all) {
        const done = (item.dataset.ready || "").split(" ");
        if (done.includes(selector)) continue;
        item.dataset.ready = [...done, selector].join(" ").trim();
        make(item);
      }
    }
  };
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const button = (label, attributes = {}) => element("button", { type: "button", ...attributes }, label);

  // toast: div.toast[data-toast] with a button[data-close]; good news leaves by itself, a refusal stays.
  setups.push(["[data-toast]", (toast) => {
    const close = toast.querySelector("[data-close]");
    close.hidden = false;
    close.addEventListener("click", () => toast.remove());
  }]);

  // copy: button[data-copy="id of an element"]; says that it did.
  setups.push(["button[data-copy]", (copy) => {
    copy.hidden = false;
    const words = copy.querySelector("[data-words]") || copy;
    const before = words.textContent;
    copy.addEventListener("click", async () => {
      const source = document.getElementById(copy.dataset.copy);
      const text = "value" in source ? source.value : source.innerText;
      let done = true;
      try {
        await navigator.clipboard.writeText(text);
      } catch (error) { // an address without TLS has no clipboard
        const box = element("textarea", { class: "visually-hidden" });
        box.value = text;
        document.body.append(box);
        box.select();
        done = document.execCommand("copy");
        box.remove();
        copy.focus();
      }
      words.textContent = done ? "已复制" : "请手动选中后复制";
      setTimeout(() => { words.textContent = before; }, 2000);
    });
  }]);

  // dialog: a link or button[data-opens="id of a dialog"]; button[data-close] inside closes it.
  setups.push(["[data-opens]", (opener) => {
    const dialog = document.getElementById(opener.dataset.opens);
    if (!dialog || !dialog.showModal) return;
    opener.hidden = false;
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.showModal();
    });
    for (const close of dialog.querySelectorAll("[data-close]")) close.addEventListener("click", () => dialog.close());
  }]);

  // picker: div.picker > input[type=file]; our own button, the names, and a way to take a file back.
  setups.push([".picker", (picker) => {
    const field = picker.querySelector('input[type="file"]');
    const names = element("ul", { class: "picker-names" });
    const choose = button("选择文件", { class: "button" });
    const hint = element("span", { class: "small muted" }, field.multiple ? " 或将文件拖到这里，可选多个" : " 或将文件拖到这里");
    const size = (bytes) => (bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`);
    const keep = (files) => {
      const kept = new DataTransfer();
      files.forEach((file) => kept.items.add(file));
      field.files = kept.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const show = () => {
      names.replaceChildren(...[...field.files].map((file, index) => {
        const drop = button("移除", { class: "button is-small", "aria-label": `移除${file.name}` });
        drop.addEventListener("click", () => keep([...field.files].filter((_, place) => place !== index)));
        return element("li", {}, `${file.name}（${size(file.size)}）`, drop);
      }));
      choose.textContent = field.files.length ? (field.multiple ? "重新选择" : "更换文件") : "选择文件";
    };
    picker.classList.add("is-ready");
    field.tabIndex = -1;
    if (field.id) choose.setAttribute("aria-describedby", `${field.id}_names`);
    names.id = `${field.id}_names`;
    picker.append(choose, hint, names);
    choose.addEventListener("click", () => field.click());
    field.addEventListener("change", show);
    field.addEventListener("focus", () => choose.focus());
    for (const kind of ["dragenter", "dragover"]) {
      picker.addEventListener(kind, (event) => { event.preventDefault(); picker.classList.add("is-over"); });
    }
    for (const kind of ["dragleave", "drop"]) picker.addEventListener(kind, () => picker.classList.remove("is-over"));
    picker.addEventListener("drop", (event) => {
      event.preventDefault();
      const files = [...event.dataTransfer.files];
      keep(field.multiple ? files : files.slice(0, 1));
    });
    show();
  }]);

  // date: div.date > input[data-date]; a calendar beside the box. data-date="month" lets a month stand alone.
  setups.push(["input[data-date]", (field) => {
    const box = field.parentElement;
    const opener = box.querySelector("button");
    if (!opener) return;
    opener.hidden = false;
    const iso = (day) => [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
    const typed = () => {
      const found = field.value.match(/(\d{4})\D?(\d{1,2})?\D?(\d{1,2})?/);
      return found ? new Date(Number(found[1]), Number(found[2] || 1) - 1, Number(found[3] || 1)) : null;
    };
    let calendar = null;
    const close = (refocus = true) => {
      if (calendar) calendar.remove();
      calendar = null;
      opener.setAttribute("aria-expanded", "false");
      if (refocus) opener.focus();
    };
    const take = (text) => {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
      close(false);
      field.focus();
    };
    const draw = (month, focused) => {
      const chosen = typed();
      const today = iso(new Date());
      const first = new Date(month.getFullYear(), month.getMonth(), 1);
      const start = new Date(first);
      start.setDate(1 - ((first.getDay() + 6) % 7));
      const move = (years, months, words, sign) => {
        const item = button(sign, { "aria-label": words });
        item.addEventListener("click", () => draw(new Date(first.getFullYear() + years, first.getMonth() + months, 1)));
        return item;
      };
      const head = element("div", { class: "calendar-head" },
        move(-1, 0, "上一年", "«"), move(0, -1, "上一月", "‹"),
        element("strong", { "aria-live": "polite" }, `${first.getFullYear()}年${first.getMonth() + 1}月`),
        move(0, 1, "下一月", "›"), move(1, 0, "下一年", "»"));
      const rows = [];
      for (let week = 0; week < 6; week += 1) {
        const cells = [];
        for (let place = 0; place < 7; place += 1) {
          const day = new Date(start);
          day.setDate(start.getDate() + week * 7 + place);
          const item = button(String(day.getDate()), { "data-day": iso(day), "aria-label": `${day.getFullYear()}年${day.getMonth() + 1}月${day.getDate()}日` });
          if (day.getMonth() !== first.getMonth()) item.className = "is-other";
          if (iso(day) === today) item.classList.add("is-today");
          if (chosen && iso(day) === iso(chosen)) item.setAttribute("aria-selected", "true");
          item.addEventListener("click", () => take(iso(day)));
          cells.push(element("td", {}, item));
        }
        rows.push(element("tr", {}, ...cells));
      }
      const table = element("table", {},
        element("thead", {}, element("tr", {}, ...[..."一二三四五六日"].map((name) => element("th", { scope: "col" }, name)))),
        element("tbody", {}, ...rows));
      const foot = element("div", { class: "actions" });
      const now = button("今天", { class: "button is-small" });
      now.addEventListener("click", () => take(today));
      foot.append(now);
      if (field.dataset.date === "month") {
        const whole = button("只填到月", { class: "button is-small" });
        whole.addEventListener("click", () => take(iso(first).slice(0, 7)));
        foot.append(whole);
      }
      const made = element("div", { class: "calendar", role: "dialog", "aria-label": "选择日期" }, head, table, foot);
      if (calendar) calendar.replaceWith(made);
      else box.append(made);
      calendar = made;
      const target = made.querySelector(`[data-day="${focused || (chosen ? iso(chosen) : today)}"]`) || made.querySelector("tbody button");
      target.focus();
    };
    opener.addEventListener("click", () => {
      if (calendar) { close(); return; }
      opener.setAttribute("aria-expanded", "true");
      draw(typed() || new Date());
    });
    box.addEventListener("keydown", (event) => {
      if (!calendar) return;
      if (event.key === "Escape") { event.stopPropagation(); close(); return; }
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
      const now = event.target.dataset && event.target.dataset.day;
      if (!steps || !now) return;
      event.preventDefault();
      const [year, month, day] = now.split("-").map(Number);
      const next = new Date(year, month - 1, day + steps);
      draw(next, iso(next));
    });
    document.addEventListener("click", (event) => {
      // A click that draws the next month takes its own button away: what is no longer in the page isn't outside.
      if (calendar && document.contains(event.target) && !box.contains(event.target)) close(false);
    });
  }]);

  // chooser: div.chooser[data-url] > template + input[type=hidden] + input[type=search]; asks the server as one types. What was
  // chosen is sent, and the words only where nothing was.
  setups.push([".chooser[data-url]", (chooser) => {
    const search = chooser.querySelector('input[type="search"]');
    const value = chooser.querySelector('input[type="hidden"]');
    const name = search.name;
    const nameWords = () => { search.name = value.value ? "" : name; };
    nameWords();
    const list = element("ul", { role: "listbox", id: `${search.id}_list`, hidden: "" });
    chooser.append(list);
    search.setAttribute("role", "combobox");
    search.setAttribute("aria-controls", list.id);
    search.setAttribute("aria-expanded", "false");
    search.autocomplete = "off";
    let at = -1;
    let asked = 0;
    const options = () => [...list.querySelectorAll('[role="option"]')];
    const close = () => { list.hidden = true; at = -1; search.setAttribute("aria-expanded", "false"); search.removeAttribute("aria-activedescendant"); };
    const mark = (place) => {
      const all = options();
      if (!all.length) return;
      at = (place + all.length) % all.length;
      all.forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
      search.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    };
    const take = (item) => {
      value.value = item.dataset.value;
      search.value = item.textContent.trim();
      search.setCustomValidity("");
      nameWords();
      value.dispatchEvent(new Event("change", { bubbles: true }));
      close();
    };
    const ask = async () => {
      const number = (asked += 1);
      const waits = element("li", { role: "presentation" });
      waits.append(chooser.querySelector("template").content.cloneNode(true));
      list.replaceChildren(waits);
      list.hidden = false;
      const address = new URL(chooser.dataset.url, location.href);
      address.searchParams.set("q", search.value);
      const reply = await fetch(address).catch(() => ({ ok: false }));
      if (number !== asked) return;
      list.innerHTML = reply.ok ? await reply.text() : '<li class="muted" role="presentation">查询失败，请稍后重试</li>';
      options().forEach((item, index) => { item.id = `${list.id}_${index}`; });
      at = -1;
      search.setAttribute("aria-expanded", "true");
    };
    let waiting = 0;
    search.addEventListener("input", () => {
      value.value = "";
      nameWords();
      clearTimeout(waiting);
      waiting = setTimeout(ask, 250);
    });
    search.addEventListener("focus", () => { if (!value.value) ask(); });
    search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); mark(at + (event.key === "ArrowDown" ? 1 : -1)); }
      else if (event.key === "Enter" && !list.hidden && at >= 0) { event.preventDefault(); take(options()[at]); }
      else if (event.key === "Escape") close();
    });
    list.addEventListener("mousedown", (event) => {
      const item = event.target.closest('[role="option"]');
      if (item) { event.preventDefault(); take(item); }
    });
    search.addEventListener("blur", () => setTimeout(close, 150));
  }]);

  // selection: form[data-selection] around a table whose rows have a checkbox; the bar counts the ticked ones and is there while there are any.
  setups.push(["form[data-selection]", (form) => {
    const bar = form.querySelector(".bulk");
    const number = bar.querySelector("[data-number]");
    const all = form.querySelector("[data-all]");
    bar.querySelector("[data-count]").hidden = false;
    const boxes = () => [...form.querySelectorAll('tbody input[type="checkbox"]')];
    const show = () => {
      const ticked = boxes().filter((box) => box.checked).length;
      bar.hidden = !ticked;
      number.textContent = ticked;
      if (all) { all.checked = ticked > 0 && ticked === boxes().length; all.indeterminate = ticked > 0 && !all.checked; }
    };
    if (all) {
      all.hidden = false;
      all.addEventListener("change", () => { boxes().forEach((box) => { box.checked = all.checked; }); show(); });
    }
    form.addEventListener("change", show);
    show();
  }]);

  // On a phone, where each row is a card, the first nine make three screens, and the rest comes when asked for.
  setups.push([".data.is-stacked", (table) => {
    const rest = [...table.tBodies].flatMap((body) => [...body.rows]).slice(9);
    if (rest.length < 3 || !matchMedia("(max-width: 47.99rem)").matches) return;
    for (const row of rest) row.hidden = true;
    const more = button(`显示其余 ${rest.length} 条`, { class: "button show-rest" });
    more.addEventListener("click", () => {
      for (const row of rest) row.hidden = false;
      more.remove();
      rest[0].querySelector("a, button, input")?.focus();
    });
    table.parentElement.after(more);
  }]);

  // What the browser would say in its own words is said in ours.
  document.addEventListener("invalid", (event) => {
    const field = event.target;
    const state = field.validity;
    if (state.customError) return;
    let words = "请检查填写的内容";
    if (state.valueMissing) words = field.type === "file" ? "请选择文件" : field.matches("select, [type=radio], [type=checkbox]") ? "请选择" : "请填写";
    else if (state.tooLong) words = `不能超过 ${field.maxLength} 个字`;
    else if (state.tooShort) words = `不能少于 ${field.minLength} 个字`;
    else if (state.rangeUnderflow) words = `不能小于 ${field.min}`;
    else if (state.rangeOverflow) words = `不能大于 ${field.max}`;
    else if (state.stepMismatch || state.badInput) words = "请填写数字";
    else if (state.typeMismatch) words = "格式不对，请检查";
    field.setCustomValidity(words);
    field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
    field.addEventListener("change", () => field.setCustomValidity(""), { once: true });
  }, true);

  setup(document);
  document.addEventListener("htmx:load", (event) => setup(event.target));
})();
