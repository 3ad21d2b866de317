// Not run where this was written: the Android Gradle Plugin and an SDK are needed. What is tested is the Maven build (pom.xml) of the
// same sources. Every name below was looked up in the plugin's own interfaces (gradle-api 9.3.0). See ../docs/android.md.
buildscript {
    repositories {
        google()
        mavenCentral()
    }
    dependencies {
        // the plugin compiles Kotlin itself since 9.0, by 2.2.10 unless another one stands here; 2.4 wants R8 9.1.29, which 9.3 brings
        classpath("org.jetbrains.kotlin:kotlin-gradle-plugin:2.4.21")
    }
}

plugins {
    id("com.android.library") version "9.3.0" apply false
    id("com.android.application") version "9.3.0" apply false
}
