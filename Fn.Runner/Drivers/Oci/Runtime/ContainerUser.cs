using System.Globalization;

namespace Fn.Runner.Drivers.Oci.Runtime;

/// <summary>Who a container's processes are.</summary>
internal readonly record struct ContainerUser(int Uid, int Gid)
{
    /// <summary>Who functions are unless told otherwise.</summary>
    public static ContainerUser Default { get; } = new(1000, 1000);

    /// <summary>Reads what an image says: <c>USER[:GROUP]</c>, each a number or a name that its own files explain; null when they do not.</summary>
    /// <param name="user">The image's words; empty for root.</param>
    /// <param name="passwd">Its <c>/etc/passwd</c>; null: none.</param>
    /// <param name="group">Its <c>/etc/group</c>; null: none.</param>
    public static ContainerUser? Find(string user, string? passwd, string? group)
    {
        if (user.Length == 0)
            return new ContainerUser(0, 0);
        var (name, groupName) = user.Split(':', 2) is [var first, var second] ? (first, second) : (user, "");
        // name:password:uid:gid:...
        var account = Lines(passwd).FirstOrDefault(fields => fields.Length > 3 && (fields[0] == name || fields[2] == name));
        if (Number(account?[2] ?? name) is not { } uid)
            return null;
        if (groupName.Length == 0)
            return new ContainerUser(uid, Number(account?[3]) ?? 0);
        // name:password:gid:members
        var gid = Number(Lines(group).FirstOrDefault(fields => fields.Length > 2 && fields[0] == groupName)?[2] ?? groupName);
        return gid is { } found ? new ContainerUser(uid, found) : null;
    }

    private static IEnumerable<string[]> Lines(string? text) => (text ?? "").Split('\n').Select(line => line.TrimEnd('\r').Split(':'));

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
