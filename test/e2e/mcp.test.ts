import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { describe, expect } from 'vitest'
import { mayExist } from '../../src/platform/process-identity.ts'
import { until } from '../support/eventually.ts'
import { orchProgram, orchTest, type OrchFixture } from '../support/orch.ts'
import { textOf } from '../support/mcp/mcp-scene.ts'

interface Connected {
  readonly client: Client
  readonly transport: StdioClientTransport
  readonly errors: () => string
}

/** The library's own client, with the built `orch mcp`. */
async function connect(orch: OrchFixture, mode: 'legacy' | 'auto'): Promise<Connected> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [orchProgram, 'mcp'],
    env: { ...orch.environment },
    cwd: orch.folder,
    stderr: 'pipe',
  })
  let errors = ''
  transport.stderr?.on('data', (piece: Buffer) => (errors += piece.toString()))
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(transport)
  return { client, transport, errors: () => errors }
}

const status = async (client: Client) => textOf(await client.callTool({ name: 'status', arguments: {} }))

describe.each([
  ['legacy', '2025-11-25'],
  ['auto', '2026-07-28'],
] as const)('a client of the revision that is %s', (mode, revision) => {
  orchTest('is served; a server that is killed is started again; one whose client goes ends', async ({ orch }) => {
    const first = await connect(orch, mode)
    expect(first.client.getNegotiatedProtocolVersion()).toBe(revision)
    expect((await first.client.listTools()).tools.map(({ name }) => name)).toContain('spawn')
    expect(await status(first.client)).toBe('orch: no sessions')
    const { pid } = first.transport
    process.kill(pid ?? 0, 'SIGKILL')
    await expect(status(first.client)).rejects.toThrow()
    const second = await connect(orch, mode)
    expect(await status(second.client)).toBe('orch: no sessions')
    const ended = second.transport.pid ?? 0
    await second.client.close()
    await until(() => !mayExist(ended), { what: 'the server has ended' })
    expect(second.errors()).toBe('')
  })
})

orchTest('a message without end ends the server, and it says why', async ({ orch }) => {
  const { code, stdout, stderr } = await orch.run(['mcp'], { input: 'x'.repeat(1_100_000) })
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toMatch(/^orch mcp: .*exceed/)
})
