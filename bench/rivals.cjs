// The networks' own programs as competitors: a line names a task, the answer says how long it took.
//
//     node rivals.cjs FOLDER TEXTS      FOLDER holds node_modules, TEXTS is a JSON list of strings
'use strict'

const { createRequire } = require('node:module')
const { readFileSync } = require('node:fs')
const { createInterface } = require('node:readline')

const from = createRequire(`${process.argv[2]}/`)
const { parseTweet } = from('twitter-text')
const { RichText } = from('@atproto/api')
const texts = JSON.parse(readFileSync(process.argv[3], 'utf8'))

const TASKS = {
  x_length: (text) => parseTweet(text).weightedLength,
  graphemes: (text) => new RichText({ text }).graphemeLength,
}

createInterface({ input: process.stdin }).on('line', (task) => {
  const began = process.hrtime.bigint()
  let sum = 0
  for (const text of texts) sum += TASKS[task](text)
  const seconds = Number(process.hrtime.bigint() - began) / 1e9
  console.log(JSON.stringify({ seconds, sum }))
})
