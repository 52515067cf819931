// Asks @cloud-copilot/iam-simulate every case of `random_decisions` and compares. Usage:
//   node run.mjs FOLDER-WITH-THE-PACKAGE REFERENCE.md < CASES
// Fails if a disagreement belongs to no class of differences.mjs, if a class has no section in the reference, or if
// none of the cases needs it any more.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { differences } from './differences.mjs'

const [folder, reference] = process.argv.slice(2)
const { runSimulation } = createRequire(join(resolve(folder), 'package.json'))('@cloud-copilot/iam-simulate')

async function peer(simulation) {
  const answer = await runSimulation(simulation, {})
  return answer.resultType === 'error' ? JSON.stringify(answer.errors) : answer.overallResult
}

/** The peer's answer with these rules of AWS's spelt out. */
function told(simulation, rules) {
  const changed = structuredClone(simulation)
  for (const rule of rules) differences[rule](changed)
  return peer(changed)
}

const without = (rules, rule) => rules.filter((other) => other !== rule)

/** The rules, as few as can be, that explain a disagreement; none where neither all of them nor all but one do. */
async function reasons({ answer, simulation }) {
  const explain = async (rules) => (await told(simulation, rules)) === answer
  const all = Object.keys(differences)
  for (let rules of [all, ...all.map((rule) => without(all, rule))]) {
    if (!(await explain(rules))) continue
    for (const rule of rules) {
      if (await explain(without(rules, rule))) rules = without(rules, rule)
    }
    return rules
  }
  return []
}

const cases = readFileSync(0, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
const counted = Object.fromEntries(Object.keys(differences).map((name) => [name, 0]))
const failures = []
let agreed = 0
let explained = 0
for (const one of cases) {
  const theirs = await told(one.simulation, [])
  if (theirs === one.answer) {
    agreed += 1
    continue
  }
  const rules = await reasons(one)
  for (const rule of rules) counted[rule] += 1
  if (rules.length) explained += 1
  else failures.push(`unexplained: engine ${one.answer}, peer ${theirs}: ${JSON.stringify(one.simulation)}`)
}

const sections = readFileSync(reference, 'utf8').split('\n')
for (const name of Object.keys(differences)) {
  if (!sections.includes(`## ${name}`)) failures.push(`${reference} has no section "${name}"`)
  if (counted[name] === 0) failures.push(`no case needs the class "${name}"`)
}
console.error(`${cases.length} cases, ${agreed} agreed, ${explained} explained:`)
for (const [name, count] of Object.entries(counted)) console.error(`  ${count} ${name}`)
for (const failure of failures.sort((a, b) => a.length - b.length).slice(0, 20)) console.error(failure)
if (failures.length) console.error(`${failures.length} failures`)
process.exitCode = failures.length ? 1 : 0
