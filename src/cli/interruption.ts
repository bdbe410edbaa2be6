/** What the work comes to; undefined when Ctrl-C or SIGTERM was first: the work hears of it, and what becomes of it then does not matter. */
export async function unlessInterrupted<T>(interruption: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  try {
    return await work(interruption)
  } catch (error) {
    if (interruption.aborted) return undefined
    throw error
  }
}
