import com.android.build.api.variant.FilterConfiguration.FilterType

plugins {
    id("com.android.application")
}

// the place of an ABI gives each package a number of its own, as stores want it
val abis = listOf("armeabi-v7a", "x86_64", "arm64-v8a")
val number = 1

android {
    namespace = "fushan.grid.shell"
    compileSdk = 35

    defaultConfig {
        applicationId = "fushan.grid.shell"
        minSdk = 26
        // what the tests run as; 35 draws below the bars, which the frame allows for and nobody has seen
        targetSdk = 34
        versionCode = number
        versionName = "0.1.0"
    }
    // one package for each kind of processor: a third of the size on the phone
    splits {
        abi {
            isEnable = true
            reset()
            include(*abis.toTypedArray())
            isUniversalApk = false
        }
    }
    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
        }
    }
    compileOptions {
        // Kotlin follows this
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

dependencies {
    implementation(project(":shim"))
}

androidComponents {
    onVariants { variant ->
        for (output in variant.outputs) {
            val abi = output.filters.firstOrNull { it.filterType == FilterType.ABI }?.identifier ?: continue
            output.versionCode.set(number * 10 + abis.indexOf(abi))
        }
    }
}
