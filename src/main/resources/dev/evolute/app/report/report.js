// Makes the pictures and the table of claims interactive. Nothing is fetched: the numbers stand in
// the page as JSON. Without this script the page shows the same pictures, still.
(() => {
  'use strict';
  const SVG = 'http://www.w3.org/2000/svg';
  const read = id => JSON.parse(document.getElementById(id).textContent);
  const shapes = read('shapes');
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = '13px system-ui, sans-serif';

  function html(name, properties, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(properties || {})) {
      if (key in node) node[key] = value;
      else node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  }

  function draw(parent, name, attributes, text) {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  }

  function button(text, title, act) {
    const node = html('button', {type: 'button', title}, text);
    node.setAttribute('aria-label', title);
    node.onclick = () => act(node);
    return node;
  }

  function toggle(text, title, pressed, act) {
    const node = button(text, title, () => {
      pressed = !pressed;
      node.setAttribute('aria-pressed', pressed);
      act(pressed);
    });
    node.setAttribute('aria-pressed', pressed);
    return node;
  }

  function save(name, type, text) {
    const url = URL.createObjectURL(new Blob([text], {type}));
    html('a', {href: url, download: name}).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  const exponent = e => String(e).replace('-', '⁻').replace(/\d/g, d => '⁰¹²³⁴⁵⁶⁷⁸⁹'[d]);

  /** As people read it, to so many significant digits. */
  function say(value, digits = 4) {
    const size = Math.abs(value);
    if (value === 0 || (size >= 1e-3 && size < 1e6)) {
      const rounded = Number(value.toPrecision(digits));
      return rounded.toLocaleString('en', {maximumFractionDigits: 15}).replace('-', '−');
    }
    const [lead, power] = value.toExponential(digits - 1).split('e');
    return Number(lead).toString().replace('-', '−') + '×10' + exponent(Number(power));
  }

  /** A range on one axis, in u = v or u = log10 v, over so many pixels from an origin. */
  class Axis {
    constructor(log, range, origin, length) {
      Object.assign(this, {log, range, origin, length});
    }
    static u(log, v) { return log ? Math.log10(v) : v; }
    static shows(log, v) { return v !== null && Math.abs(v) < 1e150 && (!log || v > 0); }
    pixel(v) {
      const [low, high] = this.range;
      return this.origin + (Axis.u(this.log, v) - low) / (high - low) * this.length;
    }
    at(pixel) {
      const [low, high] = this.range;
      return low + (pixel - this.origin) / this.length * (high - low);
    }
    value(u) { return this.log ? 10 ** u : u; }
    ticks(most) {
      const [low, high] = this.range;
      const found = [];
      if (this.log && high - low >= 1.5) {
        const stride = Math.ceil((high - low) / most);
        for (let e = Math.ceil(low - 1e-9); e <= high + 1e-9; e++) {
          if (e % stride === 0) {
            found.push([10 ** e, e >= -2 && e <= 4 ? say(10 ** e) : '10' + exponent(e)]);
          }
        }
        return found;
      }
      const [from, to] = [this.value(low), this.value(high)];
      const raw = (to - from) / most;
      const unit = 10 ** Math.floor(Math.log10(raw));
      const step = unit * [1, 2, 5, 10].find(lead => lead * unit >= raw * 0.999);
      const digits = Math.ceil(Math.log10(Math.max(Math.abs(from), Math.abs(to)) / step)) + 1;
      for (let k = Math.ceil(from / step - 1e-6); k <= to / step + 1e-6; k++) {
        found.push([k * step, say(k * step, Math.min(15, Math.max(3, digits)))]);
      }
      return found;
    }
  }

  function shape(index, x, y, r) {
    const corners = shapes[index];
    return corners.length
      ? corners.map(([a, b], i) => `${i ? 'L' : 'M'}${(x + r * a).toFixed(1)} ${(y + r * b).toFixed(1)}`).join('') + 'Z'
      : `M${(x - r).toFixed(1)} ${y.toFixed(1)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
  }

  let panels = 0;

  /** One chart with its keys, its tools and the line that is read out. */
  class Panel {
    constructor(chart, desc, heading) {
      this.chart = chart;
      this.logX = chart.logX;
      this.logY = chart.logY;
      this.hidden = new Set();
      this.view = {x: null, y: null};
      this.id = 'live-' + ++panels;
      this.lines = chart.lines.map((line, i) => ({...line, i, x: chart.xs[line.x]}));
      this.bands = chart.bands.map(band => ({...band, x: chart.xs[band.x]}));
      const positive = key => this.lines.some(line => line[key].some(v => v > 0));
      this.svg = document.createElementNS(SVG, 'svg');
      this.tip = html('div', {className: 'tip', hidden: true});
      this.tip.setAttribute('aria-hidden', 'true');
      this.plot = html('div', {className: 'plot', tabIndex: 0}, this.svg, this.tip);
      this.plot.setAttribute('role', 'group');
      this.plot.setAttribute('aria-label', (chart.title || heading)
        + ': arrow keys read values, plus and minus zoom, shift and arrows move, 0 resets');
      this.label = chart.title || heading;
      this.desc = desc;
      this.readout = html('p', {className: 'readout'});
      this.readout.setAttribute('role', 'status');
      const tools = html('div', {className: 'tools'},
        button('+', 'zoom in', () => this.zoom(0.5)),
        button('−', 'zoom out', () => this.zoom(2)),
        button('reset', 'reset the view', () => this.reset()));
      if (!chart.places.length && positive('x')) {
        tools.append(toggle('log x', 'logarithmic x axis', this.logX, on => this.scale('logX', on)));
      }
      if (positive('y')) {
        tools.append(toggle('log y', 'logarithmic y axis', this.logY, on => this.scale('logY', on)));
      }
      tools.setAttribute('role', 'group');
      tools.setAttribute('aria-label', 'view of ' + this.label);
      this.host = html('div', {className: 'panel'});
      if (chart.title) this.host.append(html('h4', {}, chart.title));
      this.host.append(this.keys(), html('p', {className: 'unit'}, chart.y), this.plot,
        html('p', {className: 'unit mid'}, chart.x), tools, this.readout);
      this.listen();
    }

    width(line) {
      const after = this.lines.length - 1 - line.i;
      return this.chart.nested ? 1.6 + Math.min(10, 2.2 * after) : 2;
    }

    keys() {
      const keys = html('div', {className: 'keys'});
      keys.setAttribute('role', 'group');
      keys.setAttribute('aria-label', 'series of ' + this.label);
      for (const line of this.lines) {
        const key = toggle('', line.name, true, on => {
          if (on) this.hidden.delete(line.i);
          else this.hidden.add(line.i);
          this.render();
        });
        key.removeAttribute('aria-label');
        key.title = 'show or hide';
        const sample = draw(key, 'svg', {width: 26, height: 14, 'aria-hidden': 'true'});
        if (line.style !== 'points') this.stroke(sample, line, 'M2 7H24', Math.min(8, this.width(line)));
        if (this.lines.length > 1 || line.style === 'points') {
          draw(sample, 'path', {class: 'f' + line.colour, d: shape(line.colour, 13, 7, 4)});
        }
        key.append(line.name);
        keys.append(key);
      }
      return keys;
    }

    stroke(parent, line, d, width) {
      const dash = {dashed: '7 5', dotted: '1 5'}[line.style] || 'none';
      draw(parent, 'path', {class: 's' + line.colour, d, 'stroke-width': width, 'stroke-dasharray': dash});
    }

    visible() { return this.lines.filter(line => !this.hidden.has(line.i)); }

    shown(line, i) {
      return Axis.shows(this.logX, line.x[i]) && Axis.shows(this.logY, line.y[i]);
    }

    /** What an axis spans where nobody has zoomed; along y only what lies within the view of x. */
    span(key, log) {
      let low = Infinity;
      let high = -Infinity;
      const take = v => {
        if (!Axis.shows(log, v)) return;
        const u = Axis.u(log, v);
        low = Math.min(low, u);
        high = Math.max(high, u);
      };
      const within = x => {
        if (key === 'x' || !this.view.x) return true;
        const u = Axis.shows(this.logX, x) ? Axis.u(this.logX, x) : NaN;
        return u >= this.view.x[0] && u <= this.view.x[1];
      };
      for (const line of this.visible()) {
        line[key].forEach((v, i) => { if (within(line.x[i]) && (key === 'x' || this.shown(line, i))) take(v); });
      }
      for (const band of this.bands) {
        if (key === 'x') band.x.forEach(take);
        else band.x.forEach((x, i) => { if (within(x)) { take(band.low[i]); take(band.high[i]); } });
      }
      if (!this.view.x) {
        for (const ref of this.chart.references) {
          if (ref.stretch && ref.vertical === (key === 'x')) take(ref.value);
        }
      }
      if (key === 'x' && this.chart.places.length) {
        take(-0.5);
        take(this.chart.places.length - 0.5);
      }
      if (low > high) [low, high] = [0, 1];
      const flat = high - low <= 1e-11 * Math.max(Math.abs(low), Math.abs(high));
      const room = flat ? (log ? 0.5 : 0.1 * Math.abs(low) || 1) : key === 'x' ? 0 : 0.05 * (high - low);
      return [!log && low >= 0 && low - room < 0 ? 0 : low - room, high + room];
    }

    reset() {
      this.view = {x: null, y: null};
      this.render();
    }

    scale(which, on) {
      this[which] = on;
      this.reset();
    }

    zoom(factor, u = (this.x.range[0] + this.x.range[1]) / 2, v) {
      const about = (range, centre) => range.map(end => centre + (end - centre) * factor);
      const next = about(this.x.range, u);
      const full = this.span('x', this.logX);
      if (next[1] - next[0] < 1e-9 * (full[1] - full[0])) return;
      if (factor > 1 && next[1] - next[0] >= full[1] - full[0]) return this.reset();
      this.view.x = next;
      if (this.view.y) {
        this.view.y = about(this.y.range, v === undefined ? (this.y.range[0] + this.y.range[1]) / 2 : v);
      }
      this.render();
    }

    move(dx, dy) {
      const by = (range, share) => range.map(end => end + share * (range[1] - range[0]));
      if (dx) this.view.x = by(this.x.range, dx);
      if (dy) this.view.y = by(this.y.range, dy);
      this.render();
    }

    /** Names stand in as many rows as it takes for none to cover another; numbers are left out. */
    labels(width) {
      const {x, left, right} = this;
      const names = this.chart.places;
      const ticks = names.length
        ? names.map((name, i) => [i, name]).filter(([i]) => x.pixel(i) >= left && x.pixel(i) <= right)
        : x.ticks(Math.max(2, Math.floor((right - left) / 90)));
      const ends = [];
      return ticks.map(([value, text]) => {
        const at = x.pixel(value);
        const half = pen.measureText(text).width / 2;
        const middle = Math.max(half, Math.min(at, width - half));
        const free = ends.findIndex(end => end < middle - half);
        const row = free < 0 ? ends.length : free;
        const shown = names.length > 0 || row === 0;
        if (shown) ends[row] = middle + half + 8;
        return {at, middle, row: shown ? row : 0, text: shown ? text : ''};
      });
    }

    render() {
      const width = this.plot.clientWidth;
      if (!width) return;
      const height = Math.round(Math.min(360, Math.max(230, 0.62 * width)));
      const yRange = this.view.y || this.span('y', this.logY);
      this.y = new Axis(this.logY, yRange, height - 26, 34 - height);
      const yTicks = this.y.ticks(Math.floor(height / 48));
      const left = Math.max(24, ...yTicks.map(([, text]) => pen.measureText(text).width + 10));
      this.x = new Axis(this.logX, this.view.x || this.span('x', this.logX), left, width - 14 - left);
      const {svg, x, y, chart} = this;
      const [top, bottom, right] = [8, height - 26, width - 14];
      Object.assign(this, {left, right, top, bottom});
      const labels = this.labels(width);
      const full = height + 18 * Math.max(0, ...labels.map(label => label.row));
      svg.replaceChildren();
      const set = {viewBox: `0 0 ${width} ${full}`, width, height: full, role: 'img', 'aria-label': this.label};
      for (const [key, value] of Object.entries(set)) svg.setAttribute(key, value);
      if (this.desc) svg.setAttribute('aria-describedby', this.desc);
      draw(svg, 'title', {}, this.label);
      draw(draw(svg, 'clipPath', {id: this.id}), 'rect',
        {x: left, y: top - 1, width: right - left, height: bottom - top + 2});
      for (const [value, text] of yTicks) {
        const at = y.pixel(value);
        draw(svg, 'path', {class: 'grid', d: `M${left} ${at}H${right}`});
        draw(svg, 'text', {class: 'end', x: left - 7, y: at + 4.5}, text);
      }
      for (const {at, row} of labels) {
        draw(svg, 'path', {class: 'axis', d: `M${at} ${bottom}v${5 + 18 * row}`});
      }
      for (const {middle, row, text} of labels) {
        draw(svg, 'text', {class: chart.places.length ? 'mid name' : 'mid', x: middle, y: bottom + 19 + 18 * row}, text);
      }
      draw(svg, 'path', {class: 'axis', d: `M${left} ${top}V${bottom}H${right}`});
      const area = draw(svg, 'g', {'clip-path': `url(#${this.id})`});
      this.bands.forEach(band => this.band(area, band));
      this.visible().forEach(line => this.line(area, line));
      this.references(svg);
      this.mark = draw(svg, 'g', {class: 'mark'});
      this.hide();
    }

    band(area, band) {
      let d = '';
      let run = [];
      const flush = () => {
        if (run.length > 1) d += 'M' + run.map(p => p[0]).concat(run.map(p => p[1]).reverse()).join('L') + 'Z';
        run = [];
      };
      band.x.forEach((x, i) => {
        if (Axis.shows(this.logX, x) && Axis.shows(this.logY, band.low[i]) && Axis.shows(this.logY, band.high[i])) {
          const at = this.x.pixel(x).toFixed(1);
          run.push([`${at} ${this.y.pixel(band.high[i]).toFixed(1)}`, `${at} ${this.y.pixel(band.low[i]).toFixed(1)}`]);
        } else flush();
      });
      flush();
      draw(area, 'path', {class: 'band f' + band.colour, d});
    }

    /** In each pixel column first, lowest, highest and last point: what is drawn stays the same. */
    line(area, line) {
      const many = this.lines.length > 1;
      const points = line.style === 'points';
      let d = '';
      let dots = '';
      let column = [];
      let alone = true;
      let before = null;
      const seen = new Set();
      let next = 0;
      const spacing = (this.right - this.left) / 5;
      const stop = k => this.left + (k + (line.i + 0.5) / this.lines.length) * spacing;
      const flush = () => {
        if (!column.length) return;
        const ys = column.map(p => p[1]);
        const kept = new Set([0, ys.indexOf(Math.min(...ys)), ys.indexOf(Math.max(...ys)), ys.length - 1]);
        for (const i of [...kept].sort((a, b) => a - b)) {
          d += `${alone ? 'M' : 'L'}${column[i][0].toFixed(1)} ${column[i][1].toFixed(1)}`;
          alone = false;
        }
        column = [];
      };
      line.x.forEach((v, i) => {
        if (!this.shown(line, i)) {
          flush();
          alone = true;
          before = null;
          return;
        }
        const p = [this.x.pixel(v), Math.max(-1e4, Math.min(1e4, this.y.pixel(line.y[i])))];
        const lonely = !before && !(i + 1 < line.x.length && this.shown(line, i + 1));
        if (points || lonely) {
          const spot = `${Math.round(3 * p[0])} ${Math.round(3 * p[1])}`;
          if (!seen.has(spot)) dots += shape(many ? line.colour : 0, p[0], p[1], 3);
          seen.add(spot);
          return;
        }
        if (column.length && Math.round(p[0]) !== Math.round(column[0][0])) flush();
        column.push(p);
        if (this.chart.places.length) {
          // Each piece is level, and its middle is that of its two ends.
          if (before && many) dots += shape(line.colour, (before[0] + p[0]) / 2, (before[1] + p[1]) / 2, 4);
        } else if (before && many) {
          while (stop(next) < before[0]) next++;
          for (; stop(next) <= p[0]; next++) {
            const share = (stop(next) - before[0]) / (p[0] - before[0] || 1);
            dots += shape(line.colour, stop(next), before[1] + share * (p[1] - before[1]), 4);
          }
        }
        before = p;
      });
      flush();
      if (d) this.stroke(area, line, d, this.width(line));
      if (dots) draw(area, 'path', {class: 'dot f' + line.colour, d: dots});
    }

    references(svg) {
      const rows = [];
      for (const ref of this.chart.references) {
        const axis = ref.vertical ? this.x : this.y;
        if (!Axis.shows(axis.log, ref.value)) continue;
        const at = axis.pixel(ref.value);
        const inside = ref.vertical ? at >= this.left - 1 && at <= this.right + 1 : at >= this.top - 1 && at <= this.bottom + 1;
        if (!inside) continue;
        const length = pen.measureText(ref.label).width;
        draw(svg, 'path', {class: 'ref', d: ref.vertical ? `M${at} ${this.top}V${this.bottom}` : `M${this.left} ${at}H${this.right}`});
        const x = ref.vertical
          ? (at + 5 + length <= this.right ? at + 5 : Math.max(this.left + 5, at - 5 - length))
          : Math.max(this.left + 5, this.right - length - 5);
        let y = ref.vertical ? this.top + 13 : at - 6 < this.top + 8 ? at + 16 : at - 6;
        while (rows.some(row => Math.abs(row.y - y) < 15 && row.x < x + length && x < row.x + row.length)) y += 15;
        rows.push({x, y, length});
        draw(svg, 'text', {class: 'halo', x, y}, ref.label);
      }
    }

    /** The point of a line that is nearest to a place on the screen, or null. */
    nearest(line, px, py) {
      let best = null;
      line.x.forEach((v, i) => {
        if (!this.shown(line, i)) return;
        const [x, y] = [this.x.pixel(v), this.y.pixel(line.y[i])];
        const far = line.style === 'points' ? Math.hypot(x - px, y - py) : Math.abs(x - px) + 1e-3 * Math.abs(y - py);
        if (x >= this.left - 1 && x <= this.right + 1 && (!best || far < best.far)) best = {i, x, y, far, line};
      });
      return best;
    }

    show(px, py, aloud) {
      const found = this.visible().map(line => this.nearest(line, px, py)).filter(p => p && p.far < 60);
      this.mark.replaceChildren();
      if (!found.length) return this.hide();
      const first = found.reduce((a, b) => (b.far < a.far ? b : a));
      draw(this.mark, 'path', {class: 'axis', d: `M${first.x} ${this.top}V${this.bottom}`});
      const place = this.chart.places[Math.round(first.line.x[first.i])];
      const head = place || `${this.chart.x} ${say(first.line.x[first.i], 6)}`;
      const rows = found.slice(0, 14).map(p => {
        draw(this.mark, 'circle', {class: 'f' + p.line.colour, cx: p.x, cy: p.y, r: 5});
        const beside = Math.abs(p.x - first.x) > 1 && !place ? ` (at ${say(p.line.x[p.i], 6)})` : '';
        return [p.line, say(p.line.y[p.i], 6) + beside];
      });
      this.tip.replaceChildren(html('b', {}, head), ...rows.map(([line, value]) =>
        html('span', {className: 't' + line.colour}, html('i', {}), `${line.name} `, html('b', {}, value))));
      this.tip.hidden = false;
      this.tip.style.left = this.tip.style.right = 'auto';
      const size = this.plot.clientWidth;
      if (first.x < size / 2) this.tip.style.left = Math.min(first.x + 14, size - this.tip.offsetWidth) + 'px';
      else this.tip.style.right = Math.min(size - first.x + 14, size - this.tip.offsetWidth) + 'px';
      if (aloud) this.readout.textContent = head + ': ' + rows.map(([line, value]) => `${line.name} ${value}`).join('; ');
    }

    hide() {
      this.tip.hidden = true;
      if (this.mark) this.mark.replaceChildren();
    }

    /** Moves the reading line by one point. */
    step(by) {
      const at = new Set();
      for (const line of this.visible()) {
        line.x.forEach((v, i) => {
          const px = this.shown(line, i) ? this.x.pixel(v) : NaN;
          if (px >= this.left - 0.5 && px <= this.right + 0.5) at.add(px);
        });
      }
      const all = [...at].sort((a, b) => a - b);
      if (!all.length) return;
      const now = this.reading === undefined ? (by > 0 ? -Infinity : Infinity) : this.reading;
      const next = by > 0 ? all.find(p => p > now + 1) : all.reverse().find(p => p < now - 1);
      this.reading = next === undefined ? Math.min(Math.max(now, all[0]), all[all.length - 1]) : next;
      this.show(this.reading, (this.top + this.bottom) / 2, true);
    }

    listen() {
      const {plot} = this;
      let from = null;
      let box = null;
      const place = event => {
        const edge = this.svg.getBoundingClientRect();
        return [event.clientX - edge.left, event.clientY - edge.top];
      };
      plot.onpointerdown = event => {
        if (event.button) return;
        from = place(event);
        plot.setPointerCapture(event.pointerId);
      };
      plot.onpointermove = event => {
        const [px, py] = place(event);
        if (!from) return this.show(px, py);
        if (!box && Math.hypot(px - from[0], py - from[1]) < 6) return;
        if (!box) box = draw(this.svg, 'rect', {class: 'box'});
        const tall = Math.abs(py - from[1]) > 24;
        const edges = {
          x: Math.min(px, from[0]), width: Math.abs(px - from[0]),
          y: tall ? Math.min(py, from[1]) : this.top, height: tall ? Math.abs(py - from[1]) : this.bottom - this.top};
        for (const [key, value] of Object.entries(edges)) box.setAttribute(key, value);
      };
      plot.onpointerup = event => {
        const [px, py] = place(event);
        if (box && Math.abs(px - from[0]) > 6) {
          const ends = [from[0], px].sort((a, b) => a - b).map(p => this.x.at(p));
          if (Math.abs(py - from[1]) > 24) this.view.y = [from[1], py].sort((a, b) => b - a).map(p => this.y.at(p));
          this.view.x = ends;
          this.render();
        } else this.show(px, py, true);
        if (box) box.remove();
        from = box = null;
      };
      plot.onpointercancel = () => { if (box) box.remove(); from = box = null; };
      plot.onpointerleave = () => { if (!from) this.hide(); };
      plot.ondblclick = () => this.reset();
      plot.onblur = () => { this.reading = undefined; this.hide(); };
      // The page goes on scrolling, unless this picture has been chosen.
      plot.addEventListener('wheel', event => {
        if (!event.ctrlKey && document.activeElement !== plot) return;
        event.preventDefault();
        const [px, py] = place(event);
        this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.x.at(px), this.y.at(py));
      }, {passive: false});
      plot.onkeydown = event => {
        const moves = {ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0], ArrowUp: [0, 0.2], ArrowDown: [0, -0.2]};
        const sideways = event.key === 'ArrowLeft' || event.key === 'ArrowRight';
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.shiftKey && moves[event.key]) this.move(...moves[event.key]);
        else if (sideways) this.step(event.key === 'ArrowRight' ? 1 : -1);
        else if (event.key === '+' || event.key === '=') this.zoom(0.5);
        else if (event.key === '-') this.zoom(2);
        else if (event.key === '0' || event.key === 'Escape') this.reset();
        else return;
        event.preventDefault();
      };
      new ResizeObserver(() => { if (this.plot.clientWidth !== this.drawn) { this.drawn = this.plot.clientWidth; this.render(); } }).observe(plot);
    }
  }

  const quoted = cell => (/[",\n]/.test(cell) ? `"${String(cell).replace(/"/g, '""')}"` : String(cell));
  const csv = rows => rows.map(row => row.map(cell => quoted(cell === null ? '' : cell)).join(',') + '\n').join('');

  function table(figure) {
    if (figure.matrix) {
      const {labels, values} = figure.matrix;
      return [['', ...labels], ...values.map((row, i) => [labels[i], ...row])];
    }
    const rows = [['panel', 'series', figure.panels[0] ? figure.panels[0].x || 'x' : 'x', 'value']];
    figure.panels.forEach((panel, p) => panel.lines.forEach(line => panel.xs[line.x].forEach((x, i) =>
      rows.push([panel.title || p + 1, line.name, x, line.y[i]]))));
    return rows;
  }

  for (const block of document.querySelectorAll('script[data-figure]')) {
    const figure = JSON.parse(block.textContent);
    const host = document.getElementById('picture-' + figure.name);
    const tools = html('div', {className: 'tools'},
      button('CSV', `numbers of ${figure.title} as CSV`, () => save(figure.name + '.csv', 'text/csv', csv(table(figure)))),
      button('JSON', `numbers of ${figure.title} as JSON`, () => save(figure.name + '.json', 'application/json', block.textContent)));
    tools.setAttribute('role', 'group');
    tools.setAttribute('aria-label', 'download');
    if (figure.panels.length) {
      const desc = host.querySelector('.wide desc');
      const stage = html('div', {className: 'stage'});
      host.querySelector('.still').after(stage);
      host.classList.add('live');
      for (const chart of figure.panels) {
        stage.append(new Panel(chart, desc && desc.id, figure.title).host);
      }
    }
    host.append(tools);
  }

  const claims = document.querySelector('table.claims');
  if (claims) {
    const body = claims.tBodies[0];
    const rows = [...body.rows];
    const count = html('p', {className: 'readout'});
    count.setAttribute('role', 'status');
    const choice = (name, options) => html('select', {onchange: filter, id: 'claims-' + name},
      ...options.map(([value, text]) => html('option', {value}, text)));
    const kinds = [...new Set(rows.map(row => row.dataset.kind))].sort();
    const verdict = choice('verdict', [['', 'every verdict'], ['fails', 'fails'], ['holds', 'holds'], ['open', 'not checked']]);
    const kind = choice('kind', [['', 'every kind'], ...kinds.map(k => [k, k])]);
    const words = html('input', {type: 'search', id: 'claims-words', oninput: filter});
    function filter() {
      const wanted = words.value.toLowerCase();
      for (const row of rows) {
        row.hidden = Boolean(verdict.value && row.dataset.verdict !== verdict.value)
          || Boolean(kind.value && row.dataset.kind !== kind.value)
          || !row.textContent.toLowerCase().includes(wanted);
      }
      count.textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length} claims`;
    }
    const labelled = (text, field) => html('label', {htmlFor: field.id}, text + ' ', field);
    const bar = html('div', {className: 'filter'}, labelled('Verdict', verdict), labelled('Kind', kind), labelled('Words', words));
    claims.parentNode.before(bar, count);
    filter();
    [...claims.tHead.rows[0].cells].forEach((cell, i) => {
      const order = button(cell.textContent, 'sort by ' + cell.textContent.toLowerCase(), () => {
        const down = cell.getAttribute('aria-sort') === 'ascending';
        for (const other of claims.tHead.rows[0].cells) other.removeAttribute('aria-sort');
        cell.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const key = row => {
          const value = row.cells[i].dataset.sort;
          return value === undefined ? row.cells[i].textContent : value === '' ? Infinity : Number(value);
        };
        rows.sort((a, b) => {
          const [p, q] = [key(a), key(b)];
          return (typeof p === 'string' ? p.localeCompare(q) : p === q ? 0 : p - q) * (down ? -1 : 1);
        });
        body.append(...rows);
      });
      cell.replaceChildren(order);
    });
  }

  const summary = document.getElementById('summary');
  const downloads = document.getElementById('downloads');
  if (summary && downloads) {
    downloads.append(button('summary.json', 'download the summary as JSON',
      () => save('summary.json', 'application/json', summary.textContent)));
  }
})();
