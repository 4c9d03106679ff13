// nlp.js as a rival: `node nlp_js.cjs teach|serve STATE`. What it learns from and what it is asked come in as JSON; it prints what benchmarks.rivals prints.
// Needs `npm install node-nlp` in a folder that NODE_PATH names.
"use strict";
const fs = require("fs");
const path = require("path");
const { NlpManager } = require("node-nlp");

const OOS = "oos";
const kept = path.join(process.argv[3], "nlp_js.json");
const seconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
const fresh = () => new NlpManager({ languages: ["en"], forceNER: false, autoSave: false, autoLoad: false, nlu: { log: false } });

async function learn(pairs) {
  const manager = fresh();
  for (const [text, label] of pairs) manager.addDocument("en", text, label === OOS ? "None" : label);
  await manager.train();
  return manager;
}

async function judge(manager, text) {
  const found = await manager.process("en", text);
  return [found.intent === "None" ? OOS : found.intent, found.score];
}

// Best for the share answered rightly and the share declined rightly, added up, as in benchmarks.rivals.
function threshold(tried) {
  const inside = tried.filter((each) => each.label !== OOS);
  const outside = tried.filter((each) => each.label === OOS);
  const worth = (least) =>
    inside.filter((each) => each.said === each.label && each.score >= least).length / Math.max(1, inside.length) +
    outside.filter((each) => each.said === OOS || each.score < least).length / Math.max(1, outside.length);
  return [...new Set(tried.map((each) => each.score))].sort((a, b) => a - b).reduce((best, least) => (worth(least) > worth(best) ? least : best), 0);
}

async function teach({ held, rest, all }) {
  const part = await learn(rest);
  const tried = [];
  for (const [text, label] of held) {
    const [said, score] = await judge(part, text);
    tried.push({ label, said, score });
  }
  const manager = await learn(all);
  fs.writeFileSync(kept, JSON.stringify({ threshold: threshold(tried), model: manager.export() }));
  return { learn_s: seconds() };
}

async function serve(messages) {
  const { threshold: least, model } = JSON.parse(fs.readFileSync(kept, "utf8"));
  const manager = fresh();
  manager.import(model);
  const start_s = seconds();
  const verdicts = [];
  for (const text of messages) {
    const [said, score] = await judge(manager, text);
    verdicts.push(said !== OOS && score >= least ? { kind: "answer", entries: [said] } : { kind: "silent" });
  }
  return { start_s, cpu_s: seconds() - start_s, rss_mb: process.resourceUsage().maxRSS / 1024, verdicts };
}

const given = JSON.parse(fs.readFileSync(0, "utf8"));
(process.argv[2] === "teach" ? teach(given) : serve(given)).then((done) => console.log(JSON.stringify(done)));
