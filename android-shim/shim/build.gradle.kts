import javax.inject.Inject

plugins {
    id("com.android.library")
}

val rustRoot = rootProject.layout.projectDirectory.dir("..")
val processors = listOf("arm64-v8a", "armeabi-v7a", "x86_64")
val leastSdk = 26

android {
    namespace = "fushan.grid.shim"
    compileSdk = 35
    // 16 KB pages, which new phones need, want NDK 28 or a linker flag
    ndkVersion = "28.2.13676358"

    defaultConfig {
        minSdk = leastSdk
        consumerProguardFiles("consumer-rules.pro")
    }
    compileOptions {
        // Kotlin follows this
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    publishing { singleVariant("release") { withSourcesJar() } }
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.11.0")
    // an .aar: the .jar carries no libraries for phones
    implementation("net.java.dev.jna:jna:5.19.1@aar")
}

/** Builds libfushan_grid.so for every ABI: `cargo install cargo-ndk`, `rustup target add` for each target. */
abstract class CargoNdk @Inject constructor(private val exec: ExecOperations) : DefaultTask() {
    /** What the library is made of. */
    @get:InputFiles
    @get:PathSensitive(PathSensitivity.RELATIVE)
    abstract val rust: ConfigurableFileCollection

    /** The root of the Rust workspace. */
    @get:Internal
    abstract val workspace: DirectoryProperty

    /** The NDK of the Android plugin, so that both build with one. */
    @get:Internal
    abstract val ndk: DirectoryProperty

    /** Names of the ABIs. */
    @get:Input
    abstract val abis: ListProperty<String>

    /** The least Android that the library is linked for. */
    @get:Input
    abstract val platform: Property<Int>

    /** One folder an ABI. */
    @get:OutputDirectory
    abstract val libraries: DirectoryProperty

    @TaskAction
    fun build() {
        val targets = abis.get().flatMap { listOf("-t", it) }
        val out = listOf("--platform", "${platform.get()}", "-o", libraries.get().asFile.path)
        val what = listOf("build", "--release", "--locked", "-p", "fushan-grid-bindings", "--features", "vendored-openssl")
        exec.exec {
            workingDir = workspace.get().asFile
            environment("ANDROID_NDK_HOME", ndk.get().asFile.path)
            commandLine(listOf("cargo", "ndk") + targets + out + what)
        }
    }
}

/** Writes the Kotlin sources of the library, by the generator of the same version. */
abstract class GenerateBindings @Inject constructor(private val exec: ExecOperations) : DefaultTask() {
    /** The libraries: any one of them tells what the sources must say. */
    @get:InputDirectory
    @get:PathSensitive(PathSensitivity.RELATIVE)
    abstract val libraries: DirectoryProperty

    /** Names of packages. */
    @get:InputFile
    @get:PathSensitive(PathSensitivity.NONE)
    abstract val names: RegularFileProperty

    /** The root of the Rust workspace. */
    @get:Internal
    abstract val workspace: DirectoryProperty

    /** The sources. */
    @get:OutputDirectory
    abstract val sources: DirectoryProperty

    @TaskAction
    fun generate() {
        val library = libraries.file("arm64-v8a/libfushan_grid.so").get().asFile.path
        val generator = listOf("cargo", "run", "--locked", "-p", "fushan-grid-bindings", "--features", "bindgen", "--bin", "fushan-bindgen", "--")
        exec.exec {
            workingDir = workspace.get().asFile
            commandLine(generator + listOf("generate", library, "--language", "kotlin", "--out-dir", sources.get().asFile.path, "--no-format"))
        }
    }
}

val cargoNdk = tasks.register<CargoNdk>("cargoNdk") {
    rust.from(fileTree(rustRoot.dir("core")) { include("**/*.rs", "**/*.sql", "**/*.json", "**/Cargo.toml") })
    rust.from(fileTree(rustRoot.dir("bindings")) { include("**/*.rs", "**/*.toml") })
    rust.from(rustRoot.file("Cargo.toml"), rustRoot.file("Cargo.lock"))
    workspace.set(rustRoot)
    ndk.set(androidComponents.sdkComponents.ndkDirectory)
    abis.set(processors)
    platform.set(leastSdk)
}

val generateBindings = tasks.register<GenerateBindings>("generateBindings") {
    libraries.set(cargoNdk.flatMap(CargoNdk::libraries))
    names.set(rustRoot.file("bindings/uniffi.toml"))
    workspace.set(rustRoot)
}

// the plugin chooses the folders and runs the tasks when it needs what they make
androidComponents {
    onVariants { variant ->
        variant.sources.jniLibs?.addGeneratedSourceDirectory(cargoNdk, CargoNdk::libraries)
        variant.sources.kotlin?.addGeneratedSourceDirectory(generateBindings, GenerateBindings::sources)
    }
}
