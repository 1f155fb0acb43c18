// Looks at pages with a headless Chromium, as people do, and prints what it finds as TAP lines:
//
//   node look.js CHROMIUM FOLDER AXE PAGE...
//
// FOLDER: where screenshots and a printed file go. AXE: axe-core's script, or "" to leave it out.
// Chromium is spoken to through a pipe (--remote-debugging-pipe): nothing else needs to be installed.
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');

const [chromium, folder, axeFile, ...pages] = process.argv.slice(2);
const axe = axeFile ? fs.readFileSync(axeFile, 'utf8') : '';

const browser = spawn(chromium,
  ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
    '--remote-debugging-pipe', '--user-data-dir=' + path.join(folder, 'profile'), 'about:blank'],
  { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });

let next = 1;
const waiting = new Map();
const listeners = [];
let rest = '';
browser.stdio[4].on('data', (data) => {
  rest += data;
  for (let end = rest.indexOf('\0'); end >= 0; end = rest.indexOf('\0')) {
    const message = JSON.parse(rest.slice(0, end));
    rest = rest.slice(end + 1);
    if (message.id) {
      const { done, failed } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) failed(new Error(message.error.message)); else done(message.result);
    } else {
      listeners.forEach((listener) => listener(message));
    }
  }
});
function send(method, params = {}, sessionId = undefined) {
  const id = next++;
  browser.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0');
  return new Promise((done, failed) => waiting.set(id, { done, failed }));
}

function told(good, name, why = '') {
  console.log((good ? 'ok - ' : 'not ok - ') + name + (good ? '' : '\n  ' + why));
}

// Within the page: texts of pictures that leave them, or that lie on one another.
function crowded() {
  const found = [];
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) continue;
    const texts = [...svg.querySelectorAll('text')].map((t) => ({ words: t.textContent, box: t.getBoundingClientRect() }));
    for (const { words, box } of texts) {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
        found.push('outside: ' + words);
      }
    }
    for (let i = 0; i < texts.length; i++) {
      for (let j = 0; j < i; j++) {
        const a = texts[i].box, b = texts[j].box;
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        // A box is higher than its letters.
        if (across > 1 && down > 0.35 * Math.min(a.height, b.height)) found.push('over each other: ' + texts[i].words + ' | ' + texts[j].words);
      }
    }
  }
  return found;
}

async function main() {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const call = (method, params) => send(method, params, sessionId);
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.text + ' ' + JSON.stringify(exceptionDetails.exception));
    return result.value;
  };
  await call('Page.enable');
  await call('Network.enable');
  let requests = [];
  listeners.push((message) => {
    if (message.method === 'Network.requestWillBeSent') requests.push(message.params.request.url);
  });
  for (const page of pages) {
    const name = path.basename(page, '.html');
    const url = 'file://' + path.resolve(page);
    for (const width of [1180, 390]) {
      for (const scheme of ['light', 'dark']) {
        const what = `${name}, ${width} pixels, ${scheme}: `;
        await call('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 });
        await call('Emulation.setEmulatedMedia', { media: '', features: [{ name: 'prefers-color-scheme', value: scheme }] });
        requests = [];
        const loaded = new Promise((done) => listeners.push((message) => { if (message.method === 'Page.loadEventFired') done(); }));
        await call('Page.navigate', { url });
        await loaded;
        told(requests.every((request) => request === url), what + 'no request leaves the page', requests.join(' '));
        const across = await evaluate('document.documentElement.scrollWidth');
        told(across <= width, what + 'nothing is wider than the screen', across + ' pixels');
        const crowd = await evaluate(`(${crowded})()`);
        told(crowd.length === 0, what + 'texts of pictures stand apart, inside of them', crowd.join('\n  '));
        if (axe) {
          // Tables too: what a reader opens.
          await evaluate('document.querySelectorAll("details").forEach((d) => { d.open = true; })');
          await evaluate(axe + '; undefined');
          const violations = await evaluate(`axe.run().then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')))`);
          told(violations.length === 0, what + 'axe-core finds nothing', violations.join('\n  '));
          await evaluate('document.querySelectorAll("details").forEach((d) => { d.open = false; })');
        }
        const height = await evaluate('document.documentElement.scrollHeight');
        await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
        const { data } = await call('Page.captureScreenshot', { format: 'png' });
        fs.writeFileSync(path.join(folder, `${name}-${width}-${scheme}.png`), Buffer.from(data, 'base64'));
        const ground = await evaluate('getComputedStyle(document.body).backgroundColor');
        told((scheme === 'dark') === /rgb\((\d|[1-5]\d),/.test(ground), what + 'it follows the system', ground);
      }
    }
    await call('Emulation.setEmulatedMedia', { media: 'print', features: [{ name: 'prefers-color-scheme', value: 'dark' }] });
    const ground = await evaluate('getComputedStyle(document.body).backgroundColor');
    const small = await evaluate('[...document.querySelectorAll("svg.small")].some((s) => s.getBoundingClientRect().width > 0)');
    told(!small && !/rgb\((\d|[1-5]\d),/.test(ground), name + ': on paper it is light, with the large pictures', ground);
    const printed = await call('Page.printToPDF', { printBackground: true, paperWidth: 8.27, paperHeight: 11.69 });
    const file = Buffer.from(printed.data, 'base64');
    fs.writeFileSync(path.join(folder, name + '.pdf'), file);
    told(file.subarray(0, 5).toString() === '%PDF-' && file.length > 10000, name + ': it prints');
  }
  await send('Browser.close').catch(() => {});
}

main().catch((error) => {
  console.log('not ok - Chromium looks at pages\n  ' + error.message);
}).finally(() => {
  browser.kill();
  process.exit(0);
});
