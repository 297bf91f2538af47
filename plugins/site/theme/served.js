// What pages do while cordon.web shows them: search, and refreshing themselves when they change.
"use strict";
(() => {
  const { base, html, make, set, recall, keep } = globalThis.cordonPage;
  if (!/^(127\.0\.0\.1|localhost)$/.test(location.hostname) || !location.protocol.startsWith("http")) return;

  offerSearch();
  refreshWhenChanged();

  function offerSearch() {
    const opener = document.querySelector("button.find");
    if (!opener) return;
    const known = recall("sessionStorage", "cordon-search");
    const show = (isThere) => {
      keep("sessionStorage", "cordon-search", isThere ? "yes" : "no");
      html.classList.toggle("searchable", isThere);
    };
    if (known === "yes") show(true);
    fetch(`${base}search`, { method: "HEAD" }).then(({ ok }) => show(ok), () => show(false));

    const input = make("input", {
      type: "text",
      autocomplete: "off",
      enterKeyHint: "search",
      spellcheck: false,
      placeholder: "Search",
    });
    const results = make("ul", { id: "cordon-results", className: "results" });
    const note = make("p", { className: "note" });
    const dialog = make(
      "dialog",
      { className: "search" },
      make("form", { method: "dialog" }, input),
      results,
      note,
    );
    set(input, { "aria-label": "Search the pages", role: "combobox", "aria-expanded": "false" });
    set(input, { "aria-controls": "cordon-results", "aria-autocomplete": "list" });
    set(results, { role: "listbox", "aria-label": "Found" });
    set(dialog, { "aria-label": "Search" });
    set(note, { role: "status" });
    document.body.append(dialog);

    let selected = -1;
    let asked = "";
    let asking;
    let timer;
    const options = () => [...results.children].map((item) => item.firstElementChild);
    const select = (index) => {
      const all = options();
      all[selected]?.setAttribute("aria-selected", "false");
      selected = all.length === 0 ? -1 : (index + all.length) % all.length;
      const option = all[selected];
      option?.setAttribute("aria-selected", "true");
      option?.scrollIntoView({ block: "nearest" });
      if (option) input.setAttribute("aria-activedescendant", option.id);
      else input.removeAttribute("aria-activedescendant");
    };
    const display = (hits, text) => {
      results.replaceChildren(...hits.map(option));
      input.setAttribute("aria-expanded", String(hits.length > 0));
      note.textContent = text;
      select(0);
    };
    const option = (hit, index) => {
      const path = hit.heading && hit.heading !== hit.title ? [hit.title, hit.heading] : [hit.title];
      const heading = make("span", { className: "hit-title", textContent: path.at(-1) });
      const trail = make("span", {
        className: "hit-path",
        textContent: path.length > 1 ? path[0] : hit.path,
      });
      const id = `cordon-hit-${index}`;
      const link = make("a", { id, href: base + hit.url, tabIndex: -1 }, heading, trail, snippet(hit));
      set(link, { role: "option", "aria-selected": "false" });
      link.addEventListener("pointermove", () => selected === index || select(index));
      link.addEventListener("click", () => dialog.close());
      const item = make("li", {}, link);
      set(item, { role: "presentation" });
      return item;
    };
    const ask = async () => {
      const query = input.value.trim();
      if (query === asked) return;
      asked = query;
      asking?.abort();
      if (query === "") return display([], "");
      asking = new AbortController();
      try {
        const answer = await fetch(`${base}search?q=${encodeURIComponent(query)}&limit=12`, {
          signal: asking.signal,
        });
        const body = await answer.json();
        if (!answer.ok) throw new Error(body.error);
        display(body.hits, body.hits.length === 0 ? `Nothing was found for “${query}”.` : "");
      } catch (error) {
        if (error.name === "AbortError") return;
        asked = "";
        display([], `The search does not answer: ${error.message}`);
      }
    };
    const open = () => {
      if (dialog.open || !html.classList.contains("searchable")) return;
      dialog.showModal();
      input.select();
    };
    opener.addEventListener("click", open);
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 80);
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") select(selected + 1);
      else if (event.key === "ArrowUp") select(selected - 1);
      else if (event.key === "Enter") options()[selected]?.click();
      else return;
      event.preventDefault();
    });
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target instanceof Element &&
        event.target.closest("input, textarea, select, [contenteditable]");
      const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping;
      if (!isSlash && !(event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey))) return;
      if (!html.classList.contains("searchable")) return;
      event.preventDefault();
      open();
    });
  }

  function snippet({ snippet: text, marks }) {
    const element = make("span", { className: "hit-text" });
    let at = 0;
    for (const [start, end] of marks) {
      element.append(text.slice(at, start), make("mark", { textContent: text.slice(start, end) }));
      at = end;
    }
    element.append(text.slice(at));
    return element;
  }

  /** Loads the page anew when the server says that it changed; only while somebody looks at it. */
  function refreshWhenChanged() {
    if (!globalThis.EventSource) return;
    const [entry] = performance.getEntriesByType("navigation");
    const tag = entry?.serverTiming?.find(({ name }) => name === "page")?.description ?? "";
    let source;
    const listen = () => {
      if (document.hidden || source) return;
      const query = new URLSearchParams({ path: location.pathname, tag });
      source = new EventSource(`${base}live?${query}`);
      source.addEventListener("changed", ({ data }) => {
        // The same news twice in a row would mean that loading does not help.
        if (recall("sessionStorage", "cordon-loaded") === `${location.pathname} ${data}`) return;
        keep("sessionStorage", "cordon-loaded", `${location.pathname} ${data}`);
        location.reload();
      });
    };
    const pause = () => {
      source?.close();
      source = undefined;
    };
    // Browsers allow few connections to one server, so only the page in front keeps one.
    document.addEventListener("visibilitychange", () => document.hidden ? pause() : listen());
    addEventListener("pagehide", pause);
    addEventListener("pageshow", listen);
    listen();
  }
})();
