package fushan.grid.shim.photos

import fushan.grid.core.ByteSource
import fushan.grid.shim.keys.HostTrouble
import java.io.Closeable
import java.io.IOException
import java.io.InputStream

/** An input stream as the engine reads it: piece by piece, so that no picture is ever whole in memory. */
class StreamBytes(private val stream: InputStream) : ByteSource, Closeable {
    override fun read(most: UInt): ByteArray {
        val piece = ByteArray(most.toInt().coerceIn(1, LARGEST))
        val length = try {
            stream.read(piece)
        } catch (cut: IOException) {
            throw HostTrouble.failed(cut)
        }
        return if (length <= 0) ByteArray(0) else piece.copyOf(length)
    }

    override fun close() = stream.close()

    private companion object {
        const val LARGEST = 256 * 1024
    }
}
