// How X's and Bluesky's own programs read texts: one JSON string a line in, one reading a line out.
//
//     node networks.cjs FOLDER < texts.jsonl      FOLDER holds node_modules, see .ci/judges
//
// Offsets of X's entities are UTF-16 units (its own conversion to code points counts each unit within
// an entity), those of Bluesky's facets bytes of UTF-8.
'use strict'

const { createRequire } = require('node:module')
const { createInterface } = require('node:readline')

const from = createRequire(`${process.argv[2]}/`)
const x = from('twitter-text')
const { RichText } = from('@atproto/api')

const KINDS = { url: 'link', screenName: 'mention', hashtag: 'hashtag', cashtag: 'cashtag' }

function readByX(text) {
  const entities = x.extractEntitiesWithIndices(text)
  const shown = entities.map((entity) => {
    const name = Object.keys(KINDS).find((key) => key in entity)
    return [KINDS[name], ...entity.indices]
  })
  return { lengths: { characters: x.parseTweet(text).weightedLength }, entities: shown }
}

function readByBluesky(text) {
  const rich = new RichText({ text })
  rich.detectFacetsWithoutResolution()
  const shown = (rich.facets ?? []).flatMap(({ index, features }) =>
    features.map((feature) => [kindOf(feature, rich, index), index.byteStart, index.byteEnd]))
  return { lengths: { graphemes: rich.graphemeLength, bytes: rich.length }, entities: shown }
}

function kindOf(feature, rich, { byteStart }) {
  const name = feature.$type.split('#')[1]
  if (name !== 'tag') return name
  return rich.unicodeText.slice(byteStart, byteStart + 1) === '$' ? 'cashtag' : 'hashtag'
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const text = JSON.parse(line)
  console.log(JSON.stringify({ x: readByX(text), bluesky: readByBluesky(text) }))
})
