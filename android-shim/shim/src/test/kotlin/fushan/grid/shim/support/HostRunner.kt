package fushan.grid.shim.support

import org.junit.runners.model.FrameworkMethod
import org.robolectric.RobolectricTestRunner
import org.robolectric.internal.bytecode.InstrumentationConfiguration

/**
 * Runs tests with the real library. Bindings, JNA, Kotlin and coroutines stay outside the sandbox: the library keeps one table of
 * callbacks a process, and a second copy of the bindings would be called through the first one's.
 */
class HostRunner(type: Class<*>) : RobolectricTestRunner(type) {
    override fun createClassLoaderConfig(method: FrameworkMethod): InstrumentationConfiguration {
        val outside = listOf("fushan.grid.core.", "com.sun.jna.", "kotlin.", "kotlinx.coroutines.")
        return outside.fold(InstrumentationConfiguration.Builder(super.createClassLoaderConfig(method))) { config, name ->
            config.doNotAcquirePackage(name)
        }.build()
    }
}
