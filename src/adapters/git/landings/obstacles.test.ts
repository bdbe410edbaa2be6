import { describeObstacles } from '../../../ports/git-obstacles.contract.ts'
import { systemGit } from '../repository.ts'

describeObstacles('the system git', systemGit)
