// What a test asks of a page that is shown; each function returns plain data.
const parse = (text) => (text.match(/[\d.]+/g) || []).map(Number);
const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const described = (element) => `${element.localName}.${element.getAttribute("class") || ""}`;

function luminance([red, green, blue]) {
  const linear = [red, green, blue].map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
function ratio(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function background(element) {
  for (let at = element; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
}

function marks() {
  return [...document.querySelectorAll("figure svg .bar, figure svg .line, figure svg text")].filter(visible).map((mark) => {
    const box = mark.getBoundingClientRect();
    return { name: described(mark), width: box.width, height: box.height };
  });
}

function texts() {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !visible(element) || element.closest("script, title")) continue;
    const style = getComputedStyle(element);
    const colour = parse(element.closest("svg") ? style.fill : style.color);
    found.push({ name: described(element), text: node.textContent.trim().slice(0, 40), ratio: ratio(colour, background(element)) });
  }
  return found;
}

function fills() {
  return [...document.querySelectorAll("figure svg .bar, figure svg .line")].filter(visible).flatMap((mark) => {
    const style = getComputedStyle(mark);
    const colour = parse(mark.matches(".line") ? style.stroke : style.fill);
    return style.fill.startsWith("url") ? [] : [{ name: described(mark), ratio: ratio(colour, background(mark)) }];
  });
}

function overflowing() {
  const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll("body *")]
    .filter((element) => visible(element) && !element.closest(".scroll, .skip, .patterns, caption, svg svg"))
    .filter((element) => element.getBoundingClientRect().right > width + 0.5)
    .map(described);
}
