package fushan.grid.shim.sync

import android.app.job.JobParameters

/** Parameters of a job, which only the system can make: every argument but the id is left empty. */
fun parametersOf(id: Int): JobParameters {
    val maker = JobParameters::class.java.declaredConstructors.filter { it.parameterCount > 1 }.maxBy { it.parameterCount }
    var named = false
    val values = maker.parameterTypes.map { type ->
        when (type) {
            Int::class.java -> if (named) 0 else id.also { named = true }
            Boolean::class.java -> false
            else -> null
        }
    }
    maker.isAccessible = true
    return maker.newInstance(*values.toTypedArray<Any?>()) as JobParameters
}
