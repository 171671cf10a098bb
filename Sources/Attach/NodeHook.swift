/// The hook that shows the pools of a Node process: one file of JavaScript, which is part of this program.
package enum NodeHook {
    /// Its source.
    package static var source: [UInt8] { PackageResources.pooltop_hook_cjs }
}
