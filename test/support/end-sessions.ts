import { attachDetached } from '../../src/platform/detached-process.ts'

/** Ends what runs in these folders and waits for the wrappers too: they write into the folder after their agent's end, and it can be removed only then. */
export async function endSessions(folders: readonly string[]): Promise<void> {
  await Promise.all(
    folders.map(async (folder) => {
      const found = await attachDetached(folder)
      await found?.stop(0)
      found?.detach()
    }),
  )
}
