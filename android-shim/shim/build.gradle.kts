import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    id("com.android.library")
    kotlin("android")
}

val workspace = rootProject.layout.projectDirectory.dir("..")
val libraries = layout.buildDirectory.dir("rust/jniLibs")
val generated = layout.buildDirectory.dir("rust/kotlin")
val abis = listOf("arm64-v8a", "armeabi-v7a", "x86_64")

android {
    namespace = "fushan.grid.shim"
    compileSdk = 35
    // 16 KB pages, which new phones need, want NDK 28 or a linker flag
    ndkVersion = "28.2.13676358"

    defaultConfig {
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
        ndk { abiFilters += abis }
    }
    sourceSets["main"].apply {
        jniLibs.srcDir(libraries)
        kotlin.srcDir(generated)
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    publishing { singleVariant("release") { withSourcesJar() } }
}

kotlin {
    compilerOptions { jvmTarget.set(JvmTarget.JVM_17) }
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.11.0")
    implementation("net.java.dev.jna:jna:5.19.1@aar")
}

/** Builds libfushan_grid.so for every ABI: `cargo install cargo-ndk`, `rustup target add` for each target, ANDROID_NDK_HOME. */
val cargoNdk by tasks.registering(Exec::class) {
    workingDir = workspace.asFile
    val targets = abis.flatMap { listOf("-t", it) }
    commandLine(
        listOf("cargo", "ndk") + targets + listOf("-P", "26", "-o", libraries.get().asFile.path, "build", "--release", "--locked") +
            listOf("-p", "fushan-grid-bindings", "--features", "vendored-openssl"),
    )
    inputs.files(fileTree(workspace.dir("core")) { include("**/*.rs", "**/*.sql", "**/*.json", "**/Cargo.toml") })
    inputs.files(fileTree(workspace.dir("bindings")) { include("**/*.rs", "**/*.toml") })
    inputs.file(workspace.file("Cargo.lock"))
    outputs.dir(libraries)
}

/** Writes the Kotlin sources of the library, by the generator of the same version. */
val generateBindings by tasks.registering(Exec::class) {
    dependsOn(cargoNdk)
    workingDir = workspace.asFile
    val library = libraries.get().file("arm64-v8a/libfushan_grid.so").asFile.path
    commandLine(
        "cargo", "run", "--locked", "-p", "fushan-grid-bindings", "--features", "bindgen", "--bin", "fushan-bindgen", "--",
        "generate", library, "--language", "kotlin", "--out-dir", generated.get().asFile.path, "--no-format",
    )
    inputs.dir(libraries)
    outputs.dir(generated)
}

tasks.named("preBuild") { dependsOn(generateBindings) }
