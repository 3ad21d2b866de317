// Our phone's uploader against npm @tus/server 2. Everything but uploads goes on to our own platform; uploads are taken by the
// foreign server, and the first larger one is cut in the middle. Arguments: our platform's address, folder for files.
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'

const require = createRequire(process.env.FOREIGN_MODULES + '/')
const { Server } = require('@tus/server')
const { FileStore } = require('@tus/file-store')
const [platform, folder] = process.argv.slice(2)

const JSON_TYPE = 'application/vnd.fushan.v1+json'
const announced = new Map()
const foreign = new Server({
  path: '/v1/uploads',
  relativeLocation: true,
  datastore: new FileStore({ directory: folder }),
  namingFunction: () => [...Array(32)].map(() => Math.floor(Math.random() * 16).toString(16)).join(''),
  onUploadCreate: async (request, upload) => {
    const text = request.headers.get?.('repr-digest') ?? request.headers['repr-digest']
    announced.set(Buffer.from(text.slice(9, -1), 'base64').toString('hex'), { id: upload.id, size: upload.size })
    return {}
  },
})

function held(id) {
  try {
    return statSync(`${folder}/${id}`).size
  } catch {
    return 0
  }
}

function state(hash) {
  const upload = announced.get(hash)
  if (!upload) return { state: 'missing' }
  const offset = held(upload.id)
  if (offset < upload.size) return { state: 'partial', upload: `/v1/uploads/${upload.id}`, offset }
  const whole = createHash('sha256').update(readFileSync(`${folder}/${upload.id}`)).digest('hex') === hash
  return whole ? { state: 'stored' } : { state: 'missing' }
}

let cuts = 1
let patches = 0

http.createServer((request, reply) => {
  if (request.url.startsWith('/v1/uploads')) {
    if (request.method === 'PATCH') {
      patches += 1
      if (cuts > 0 && Number(request.headers['content-length']) > 60_000) {
        cuts -= 1
        let came = 0
        request.on('data', (part) => { came += part.length; if (came > 30_000) request.socket.destroy() })
      }
    }
    return foreign.handle(request, reply)
  }
  if (request.url === '/v1/blobs/probe') {
    const parts = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      const asked = JSON.parse(Buffer.concat(parts).toString())
      const blobs = asked.blobs.map(({ sha256 }) => ({ sha256, ...state(sha256.slice(7)) }))
      reply.writeHead(200, { 'Content-Type': JSON_TYPE }).end(JSON.stringify({ blobs }))
    })
    return
  }
  if (request.url === '/told') {
    const files = [...announced].map(([hash, upload]) => ({ hash, size: upload.size, state: state(hash).state }))
    return reply.writeHead(200).end(JSON.stringify({ files, cuts, patches }))
  }
  const headers = { ...request.headers, 'accept-encoding': 'identity' }
  const on = http.request(platform + request.url, { method: request.method, headers }, (answer) => {
    const told = { ...answer.headers }
    delete told['accept-encoding']
    reply.writeHead(answer.statusCode, told)
    answer.pipe(reply)
  })
  on.on('error', () => reply.destroy())
  request.pipe(on)
}).listen(0, '127.0.0.1', function () {
  console.log(`http://127.0.0.1:${this.address().port}`)
})
