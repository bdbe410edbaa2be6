import type { IncomingHttpHeaders } from 'node:http'

/** What the Messages API says of a request that it refuses. */
export interface ApiRefusal {
  readonly status: number
  readonly type: string
  readonly message: string
}

export interface Block {
  readonly type: string
  readonly text?: string
  readonly id?: string
  readonly tool_use_id?: string
  readonly content?: unknown
}

export interface ApiMessage {
  readonly role: 'user' | 'assistant' | 'system'
  readonly content: readonly Block[]
}

/** A request that the API would accept, read once; block lists instead of plain strings. */
export interface ApiRequest {
  readonly model: string
  readonly stream: boolean
  readonly system: string
  readonly messages: readonly ApiMessage[]
  readonly tools: readonly string[]
  readonly wantsJson: boolean
  readonly metadataUser: string | undefined
}

type Check = { readonly kind: 'accepted'; readonly request: ApiRequest } | ({ readonly kind: 'refused' } & ApiRefusal)
type Json = Readonly<Record<string, unknown>>

class Refused extends Error {}

/** As strict as the real API in what the agents depend on: headers, required fields, block types, the pairing of tool calls and results. */
export function checkRequest(body: string, options: { needsMaxTokens: boolean }): Check {
  try {
    return { kind: 'accepted', request: readRequest(body, options.needsMaxTokens) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { kind: 'refused', status: 400, type: 'invalid_request_error', message: error.message }
  }
}

export function checkHeaders(headers: IncomingHttpHeaders): ApiRefusal | undefined {
  const key = headers['x-api-key']
  const bearer = headers.authorization
  if (key === undefined && bearer === undefined)
    return { status: 401, type: 'authentication_error', message: 'x-api-key header is required' }
  if (key === '' || (key === undefined && !/^Bearer \S+$/.test(bearer ?? '')))
    return { status: 401, type: 'authentication_error', message: 'invalid x-api-key' }
  const version = headers['anthropic-version']
  if (version === undefined) return { status: 400, type: 'invalid_request_error', message: 'anthropic-version: header is required' }
  if (version !== '2023-06-01' && version !== '2023-01-01') {
    return { status: 400, type: 'invalid_request_error', message: `anthropic-version: "${String(version)}" is not a valid version` }
  }
  if (!/^application\/json\b/.test(headers['content-type'] ?? ''))
    return { status: 400, type: 'invalid_request_error', message: 'content-type: must be application/json' }
  return undefined
}

function readRequest(body: string, needsMaxTokens: boolean): ApiRequest {
  const json = readJson(body)
  if (typeof json['model'] !== 'string') throw refusal('model', json['model'], 'Input should be a valid string')
  if (json['model'] === '') throw new Refused('model: String should have at least 1 character')
  if (needsMaxTokens) checkMaxTokens(json['max_tokens'])
  if (json['stream'] !== undefined && typeof json['stream'] !== 'boolean') throw new Refused('stream: Input should be a valid boolean')
  const messages = readMessages(json['messages'])
  checkPairs(messages)
  return {
    model: json['model'],
    stream: json['stream'] === true,
    system: readSystem(json['system']),
    messages,
    tools: readTools(json['tools']),
    wantsJson: (isObject(json['output_config']) && isObject(json['output_config']['format'])) || isObject(json['output_format']),
    metadataUser: isObject(json['metadata']) && typeof json['metadata']['user_id'] === 'string' ? json['metadata']['user_id'] : undefined,
  }
}

function readJson(body: string): Json {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    throw new Refused('The request body is not valid JSON')
  }
  if (!isObject(json)) throw new Refused('Input should be a valid dictionary')
  return json
}

function checkMaxTokens(value: unknown): void {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw refusal('max_tokens', value, 'Input should be a valid integer')
  if (value < 1) throw new Refused('max_tokens: must be greater than or equal to 1')
}

function readMessages(value: unknown): ApiMessage[] {
  if (!Array.isArray(value)) throw refusal('messages', value, 'Input should be a valid list')
  if (value.length === 0) throw new Refused('messages: at least one message is required')
  return value.map(readMessage)
}

function readMessage(value: unknown, index: number): ApiMessage {
  const at = `messages.${index}`
  if (!isObject(value)) throw new Refused(`${at}: Input should be a valid dictionary`)
  const role = value['role']
  if (role !== 'user' && role !== 'assistant' && role !== 'system')
    throw refusal(`${at}.role`, role, `Input should be 'user' or 'assistant'`)
  if (index === 0 && role === 'assistant') throw new Refused('messages: first message must use the "user" role')
  const content = value['content']
  if (typeof content === 'string') {
    if (content === '') throw new Refused(`${at}: all messages must have non-empty content except for the optional final assistant message`)
    return { role, content: [{ type: 'text', text: content }] }
  }
  if (!Array.isArray(content)) throw refusal(`${at}.content`, content, 'Input should be a valid list')
  // 2.1.329 sends an empty system message after a compaction, and the API takes it.
  if (content.length === 0 && role !== 'system')
    throw new Refused(`${at}: all messages must have non-empty content except for the optional final assistant message`)
  return { role, content: content.map((block, place) => readBlock(block, role, `${at}.content.${place}`)) }
}

const blockTypes = {
  user: ['text', 'image', 'document', 'search_result', 'tool_result', 'container_upload', 'tool_reference'],
  assistant: [
    'text',
    'thinking',
    'redacted_thinking',
    'tool_use',
    'server_tool_use',
    'web_search_tool_result',
    'mcp_tool_use',
    'mcp_tool_result',
  ],
  system: ['text'],
}

function readBlock(value: unknown, role: ApiMessage['role'], at: string): Block {
  if (!isObject(value)) throw new Refused(`${at}: Input should be a valid dictionary`)
  const type = value['type']
  if (type === undefined) throw new Refused(`${at}.type: Field required`)
  if (typeof type !== 'string' || !blockTypes[role].includes(type)) {
    const expected = blockTypes[role].map((one) => `'${one}'`).join(', ')
    throw new Refused(
      `${at}: Input tag '${typeof type === 'string' ? type : JSON.stringify(type)}' found using 'type' does not match any of the expected tags: ${expected}`,
    )
  }
  if (type === 'text') {
    if (typeof value['text'] !== 'string') throw refusal(`${at}.text.text`, value['text'], 'Input should be a valid string')
    if (value['text'] === '') throw new Refused('messages: text content blocks must be non-empty')
  }
  if (type === 'tool_use') checkToolUse(value, at)
  if (type === 'tool_result' && typeof value['tool_use_id'] !== 'string')
    throw refusal(`${at}.tool_result.tool_use_id`, value['tool_use_id'], 'Input should be a valid string')
  return value as unknown as Block
}

function checkToolUse(value: Json, at: string): void {
  if (typeof value['id'] !== 'string') throw refusal(`${at}.tool_use.id`, value['id'], 'Input should be a valid string')
  if (!/^[a-zA-Z0-9_-]+$/.test(value['id'])) throw new Refused(`${at}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`)
  if (typeof value['name'] !== 'string') throw refusal(`${at}.tool_use.name`, value['name'], 'Input should be a valid string')
  if (!isObject(value['input'])) throw refusal(`${at}.tool_use.input`, value['input'], 'Input should be a valid dictionary')
}

// Neighbouring messages of one role are one message to the API; system messages may stand between.
function checkPairs(all: readonly ApiMessage[]): void {
  const seen = new Set<string>()
  let open: string[] = []
  const messages = all.filter((message) => message.role !== 'system')
  messages.forEach((message, index) => {
    const results = message.content.filter((block) => block.type === 'tool_result').map((block) => block.tool_use_id ?? '')
    message.content.forEach((block, place) => {
      if (block.type !== 'tool_result' || open.includes(block.tool_use_id ?? '')) return
      throw new Refused(
        `messages.${index}.content.${place}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${block.tool_use_id ?? ''}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      )
    })
    open = open.filter((id) => !results.includes(id))
    if (message.role === 'user' && messages[index + 1]?.role === 'user') return
    if (open.length > 0 && message.role === 'user') throw unanswered(index - 1, open)
    for (const block of message.content) {
      if (block.type !== 'tool_use' || block.id === undefined) continue
      if (seen.has(block.id)) throw new Refused(`messages.${index}: \`tool_use\` ids must be unique`)
      seen.add(block.id)
      open.push(block.id)
    }
  })
  if (open.length > 0) throw unanswered(messages.length - 1, open)
}

function unanswered(index: number, ids: readonly string[]): Refused {
  return new Refused(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  )
}

function readSystem(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) throw new Refused('system: Input should be a valid list')
  return value
    .map((block: unknown, index) => {
      if (!isObject(block) || block['type'] !== 'text' || typeof block['text'] !== 'string')
        throw new Refused(`system.${index}: Input should be a text block`)
      return block['text']
    })
    .join('\n')
}

function readTools(value: unknown): string[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new Refused('tools: Input should be a valid list')
  const names = value.map((tool: unknown, index) => {
    if (!isObject(tool) || typeof tool['name'] !== 'string') throw new Refused(`tools.${index}.custom.name: Field required`)
    return tool['name']
  })
  if (new Set(names).size !== names.length) throw new Refused('tools: Tool names must be unique.')
  return names
}

function refusal(at: string, value: unknown, otherwise: string): Refused {
  return new Refused(`${at}: ${value === undefined ? 'Field required' : otherwise}`)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
