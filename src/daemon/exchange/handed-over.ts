import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { loadText } from '../../platform/files.ts'

/** The ids of the messages that a process was handed, and of those that it took from its inbox as files instead; kept beside its record. */
export class HandedOver {
  readonly #sent: Set<string>
  readonly #filed: Set<string>
  readonly #folder: string

  static async load(folder: string): Promise<HandedOver> {
    return new HandedOver(folder, await loadIds(join(folder, SENT)), await loadIds(join(folder, FILED)))
  }

  private constructor(folder: string, sent: Set<string>, filed: Set<string>) {
    this.#folder = folder
    this.#sent = sent
    this.#filed = filed
  }

  get sent(): ReadonlySet<string> {
    return this.#sent
  }

  get filed(): ReadonlySet<string> {
    return this.#filed
  }

  /** Counts at once; on disk when it resolves. */
  async noteSent(id: string): Promise<void> {
    this.#sent.add(id)
    await keepId(join(this.#folder, SENT), id)
  }

  async noteFiled(id: string): Promise<void> {
    if (this.#filed.has(id)) return
    this.#filed.add(id)
    await keepId(join(this.#folder, FILED), id)
  }
}

const SENT = 'sent'
const FILED = 'filed'

async function loadIds(path: string): Promise<Set<string>> {
  return new Set(((await loadText(path)) ?? '').split('\n').filter((id) => id !== ''))
}

async function keepId(path: string, id: string): Promise<void> {
  const file = await open(path, 'a', 0o600)
  try {
    await file.appendFile(`${id}\n`)
    await file.datasync()
  } finally {
    await file.close()
  }
}
