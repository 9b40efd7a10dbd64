using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls.Offers;

/// <summary>The functions this runner was told of, by revision. Holds the most recently used; a gateway tells a dropped one again. Thread-safe.</summary>
/// <param name="capacity">Most revisions that are kept.</param>
internal sealed class RevisionCache(int capacity)
{
    /// <summary>Enough for any machine's functions, at a few KiB each.</summary>
    public const int DefaultCapacity = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<FunctionSpec>> _nodes = [];
    private readonly LinkedList<FunctionSpec> _byUse = new();

    /// <summary>The function of a revision, which thereby becomes the most recently used; null when it is not known.</summary>
    public FunctionSpec? Find(string revision)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(revision, out var node))
                return null;
            if (node != _byUse.First)
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            return node.Value;
        }
    }

    public void Add(FunctionSpec function)
    {
        var revision = function.Revision;
        lock (_lock)
        {
            // The one that is there stays: containers and pools may hold on to it.
            if (_nodes.ContainsKey(revision))
                return;
            _nodes.Add(revision, _byUse.AddFirst(function));
            if (_nodes.Count <= capacity)
                return;
            _nodes.Remove(_byUse.Last!.Value.Revision);
            _byUse.RemoveLast();
        }
    }
}
