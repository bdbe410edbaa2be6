import { describeRaces } from '../../../ports/git-races.contract.ts'
import { systemGit } from '../repository.ts'

describeRaces('the system git', systemGit)
