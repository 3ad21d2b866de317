// Not run where this was written: the Android Gradle Plugin and an SDK are needed. What is tested is the Maven build (pom.xml) of the
// same sources. See ../docs/android.md.
plugins {
    id("com.android.library") version "8.13.0" apply false
    id("com.android.application") version "8.13.0" apply false
    kotlin("android") version "2.4.21" apply false
}
