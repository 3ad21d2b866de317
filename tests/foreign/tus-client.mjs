// tus-js-client 4 against our platform: create, chunk, abort, resume, terminate. Arguments: address, access token.
import { createHash, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'

const require = createRequire(process.env.FOREIGN_MODULES + '/')
const tus = require('tus-js-client')
const [url, token] = process.argv.slice(2)
const CHUNK = 256 * 1024

function check(name, good) {
  if (!good) {
    console.error(`FAILED: ${name}`)
    process.exit(1)
  }
  console.log(`ok ${name}`)
}

function digest(bytes) {
  return `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`
}

function start(bytes, more) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(bytes, {
      endpoint: `${url}/v1/uploads`,
      headers: { Authorization: `Bearer ${token}`, 'Repr-Digest': digest(bytes) },
      metadata: { filetype: 'image/jpeg' },
      chunkSize: CHUNK,
      retryDelays: null,
      onError: reject,
      onSuccess: () => resolve(upload),
      ...more(resolve, () => upload),
    })
    upload.start()
  })
}

async function probe(bytes) {
  const sha256 = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const reply = await fetch(`${url}/v1/blobs/probe`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/vnd.fushan.v1+json' },
    body: JSON.stringify({ blobs: [{ sha256, bytes: bytes.length }] }),
  })
  return (await reply.json()).blobs[0]
}

const whole = randomBytes(3 * CHUNK + 7)
await start(whole, () => ({}))
check('a file in chunks is stored', (await probe(whole)).state === 'stored')

const one = randomBytes(1000)
await start(one, () => ({ uploadDataDuringCreation: true, chunkSize: Infinity }))
check('bytes may come with the creation', (await probe(one)).state === 'stored')

const large = randomBytes(5 * 1024 * 1024)
await start(large, () => ({ chunkSize: Infinity }))
check('one request may carry more than a chunk', (await probe(large)).state === 'stored')

// abort after the second chunk, then go on with a new client that knows the address only
const broken = randomBytes(6 * CHUNK)
const aborted = await start(broken, (resolve, upload) => ({
  onChunkComplete: (_, accepted) => {
    if (accepted >= 2 * CHUNK) upload().abort().then(() => resolve(upload()))
  },
}))
const state = await probe(broken)
check('an aborted upload is partly there', state.state === 'partial' && state.offset >= 2 * CHUNK && state.offset < broken.length)
let first = null
await start(broken, () => ({
  uploadUrl: aborted.url,
  onProgress: (sent) => { first ??= sent },
}))
check('it goes on where it stood', first >= 2 * CHUNK && (await probe(broken)).state === 'stored')

const unwanted = randomBytes(4 * CHUNK)
const given = await start(unwanted, (resolve, upload) => ({
  onChunkComplete: () => upload().abort(true).then(() => resolve(upload())),
}))
check('a terminated upload is gone', (await probe(unwanted)).state === 'missing')
const head = await fetch(given.url ?? `${url}/v1/uploads/none`, {
  method: 'HEAD',
  headers: { Authorization: `Bearer ${token}`, 'Tus-Resumable': '1.0.0' },
})
check('and its address, too', head.status === 404)

const lying = randomBytes(1000)
const refused = await start(lying, () => ({
  headers: { Authorization: `Bearer ${token}`, 'Repr-Digest': digest(randomBytes(3)) },
})).then(() => null, (error) => error)
check('another digest than announced is refused', refused?.originalResponse?.getStatus() === 422)
check('and nothing is stored', (await probe(lying)).state === 'missing')
