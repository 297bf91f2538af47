// What pages do wherever they lie: the tree of pages, the theme, the contents, copying of code.
"use strict";
(() => {
  const html = document.documentElement;
  const root = html.dataset.root ?? "";
  const base = new URL(root || ".", location.href).pathname;

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  // Storage may be switched off; the page works without.
  const recall = (storage, key) => {
    try {
      return globalThis[storage].getItem(key);
    } catch {
      return null;
    }
  };
  const keep = (storage, key, value) => {
    try {
      if (value === null) globalThis[storage].removeItem(key);
      else globalThis[storage].setItem(key, value);
    } catch {
      // As above.
    }
  };

  /** The page's own address within the site: without a fragment, a folder as its index. */
  const here = (() => {
    const path = location.pathname.startsWith(base) ? location.pathname.slice(base.length) : "";
    return path === "" || path.endsWith("/") ? `${path}index.html` : path;
  })();

  showTree();
  showTheme();
  showMenu();
  followContents();
  offerCopying();
  offerScrolling();
  globalThis.cordonPage = { base, html, make, set, recall, keep };

  function showTree() {
    const place = document.querySelector(".pages");
    const data = globalThis.cordonNav;
    if (!place || !data) return;
    const opened = new Set((recall("sessionStorage", "cordon-opened") ?? "").split("\n").filter(Boolean));
    const remember = () => keep("sessionStorage", "cordon-opened", [...opened].slice(-500).join("\n"));
    const isCurrent = (url) => sameUrl(url, here);

    const link = (title, url) => {
      const anchor = make("a", { href: root + url, textContent: title });
      if (isCurrent(url)) anchor.setAttribute("aria-current", "page");
      return anchor;
    };
    const list = (entries, path) => {
      const items = make("ul");
      for (const [title, name, children] of entries) {
        items.append(
          children ? folder(title, `${path}${name}/`, children) : make("li", {}, link(title, path + name)),
        );
      }
      return items;
    };
    const folder = (title, path, children) => {
      const item = make("li", { className: "folder" });
      const toggle = make("button", { type: "button", className: "toggle" });
      toggle.setAttribute("aria-label", title);
      let inner;
      const show = (isOpen) => {
        // Folders are filled when they are opened: a site may have thousands of pages.
        if (isOpen && !inner) item.append(inner = list(children, path));
        if (inner) inner.hidden = !isOpen;
        toggle.setAttribute("aria-expanded", String(isOpen));
        item.classList.toggle("open", isOpen);
      };
      toggle.addEventListener("click", () => {
        const isOpen = toggle.getAttribute("aria-expanded") !== "true";
        if (isOpen) opened.add(path);
        else opened.delete(path);
        remember();
        show(isOpen);
      });
      item.append(make("div", { className: "row" }, toggle, link(title, `${path}index.html`)));
      show(opened.has(path) || sameUrl(here.slice(0, path.length), path));
      return item;
    };

    const [title, , entries] = data;
    const top = make("ul", { className: "tree" }, make("li", {}, link(title, "index.html")));
    top.append(...list(entries, "").children);
    place.replaceChildren(top);
    place.classList.add("ready");

    const scroll = Number(recall("sessionStorage", "cordon-scroll") ?? 0);
    place.scrollTop = scroll;
    const current = place.querySelector("[aria-current]");
    if (current) {
      const { top: above, bottom: below } = current.getBoundingClientRect();
      const frame = place.getBoundingClientRect();
      if (above < frame.top || below > frame.bottom) {
        place.scrollTop += above - frame.top - frame.height / 3;
      }
    }
    addEventListener("pagehide", () => keep("sessionStorage", "cordon-scroll", String(place.scrollTop)));
  }

  function sameUrl(a, b) {
    try {
      return a === b || decodeURIComponent(a) === decodeURIComponent(b);
    } catch {
      return false;
    }
  }

  function showTheme() {
    const button = document.querySelector("button.theme");
    if (!button) return;
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (html.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
    const name = () => {
      button.setAttribute("aria-label", isDark() ? "Switch to the light theme" : "Switch to the dark theme");
    };
    button.addEventListener("click", () => {
      const chosen = isDark() ? "light" : "dark";
      // Choosing what the system has anyway goes back to following it.
      const isSystems = chosen === (dark.matches ? "dark" : "light");
      if (isSystems) delete html.dataset.theme;
      else html.dataset.theme = chosen;
      keep("localStorage", "cordon-theme", isSystems ? null : chosen);
      name();
    });
    dark.addEventListener("change", name);
    name();
  }

  function showMenu() {
    const button = document.querySelector("button.menu");
    const pages = document.querySelector(".pages");
    if (!button || !pages) return;
    const show = (isOpen) => {
      html.classList.toggle("menu-open", isOpen);
      button.setAttribute("aria-expanded", String(isOpen));
    };
    button.addEventListener("click", () => {
      const isOpen = !html.classList.contains("menu-open");
      show(isOpen);
      if (isOpen) (pages.querySelector("[aria-current]") ?? pages.querySelector("a"))?.focus();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !html.classList.contains("menu-open")) return;
      show(false);
      button.focus();
    });
    document.addEventListener("click", (event) => {
      const target = event.target instanceof Element ? event.target : null;
      if (html.classList.contains("menu-open") && !target?.closest(".pages, button.menu")) show(false);
    });
    matchMedia("(min-width: 60rem)").addEventListener("change", () => show(false));
  }

  /** Marks the heading that is being read in the table of contents. */
  function followContents() {
    const links = new Map();
    for (const link of document.querySelectorAll(".contents a")) {
      const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (heading) links.set(heading, link);
    }
    if (links.size === 0) return;
    const headings = [...links.keys()];
    let current;
    let isWaiting = false;
    const update = () => {
      isWaiting = false;
      const line = Math.min(160, innerHeight / 3);
      const isEnd = innerHeight + scrollY >= html.scrollHeight - 2;
      const passed = headings.filter((heading) => heading.getBoundingClientRect().top <= line);
      const reading = isEnd && scrollY > 0 ? headings.at(-1) : passed.at(-1);
      if (reading === current) return;
      links.get(current)?.removeAttribute("aria-current");
      current = reading;
      const link = links.get(current);
      link?.setAttribute("aria-current", "true");
      const frame = document.querySelector(".contents");
      if (link && frame && frame.scrollHeight > frame.clientHeight) {
        frame.scrollTop = link.offsetTop - frame.clientHeight / 2;
      }
    };
    addEventListener("scroll", () => {
      if (!isWaiting) requestAnimationFrame(update);
      isWaiting = true;
    }, { passive: true });
    update();
  }

  function offerCopying() {
    if (!navigator.clipboard) return;
    for (const block of document.querySelectorAll("article pre")) {
      const button = make("button", { type: "button", className: "copy", textContent: "Copy" });
      const frame = make("div", { className: "code-frame" });
      block.replaceWith(frame);
      frame.append(block, button);
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(block.textContent.replace(/\n$/, ""));
          button.textContent = "Copied";
        } catch {
          button.textContent = "Cannot copy";
        }
        setTimeout(() => button.textContent = "Copy", 1500);
      });
    }
  }

  /** Wide code scrolls by keyboard too; narrow code is no stop on the way. */
  function offerScrolling() {
    const update = () => {
      for (const block of document.querySelectorAll("article pre")) {
        if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
        else block.removeAttribute("tabindex");
      }
    };
    addEventListener("resize", update);
    update();
  }

  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  }
})();
