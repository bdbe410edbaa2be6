import { describeLandings } from '../../../ports/git-landings.contract.ts'
import { systemGit } from '../repository.ts'

describeLandings('the system git', systemGit)
