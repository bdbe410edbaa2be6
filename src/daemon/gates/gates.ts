import type { GateFinding } from '../../domain/gates/gate.ts'
import type { Gates as GatesPort } from '../../workflows/team-services.ts'

export class Gates implements GatesPort {
  async look(): Promise<readonly GateFinding[]> {
    return []
  }
}
