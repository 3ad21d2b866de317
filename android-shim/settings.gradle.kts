// Gradle 9.1 or newer on JDK 17 or newer. There is no wrapper here: it would be a binary that nobody could run.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode.set(RepositoriesMode.FAIL_ON_PROJECT_REPOS)
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "fushan-grid-android"
include(":shim", ":shell")
