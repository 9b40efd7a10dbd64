using System.Xml;
using System.Xml.Linq;

namespace Fn.AppHost;

/// <summary>
/// <c>use-aspire [publishing]</c>: sets the switch in Local.props, where every build of the working copy finds it, that of an IDE or of azd too.
/// What else the file holds stays.
/// </summary>
internal static class UseAspireCommand
{
    private const string Name = "use-aspire";
    private const string WithPublishing = "publishing";

    public static bool IsGiven(string[] args) => args is [Name, ..];

    /// <returns>The process's exit code.</returns>
    public static int Run(string[] args, string root, TextWriter output)
    {
        if (args is not ([Name] or [Name, WithPublishing]))
        {
            output.WriteLine($"usage: dotnet run --project Fn.AppHost -- {Name} [{WithPublishing}]");
            return 1;
        }
        var path = Path.Combine(root, "Local.props");
        try
        {
            var props = File.Exists(path) ? XDocument.Load(path) : new XDocument(new XElement("Project"));
            Set(props.Root!, "UseAspire");
            if (args.Length == 2)
                Set(props.Root!, "AspirePublishing");
            File.WriteAllText(path, props + "\n");
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            output.WriteLine($"{path}: {e.Message}");
            return 1;
        }
        output.WriteLine($"{path} now says UseAspire=true: the next build restores Aspire's packages. To go back to the stand-in, delete that file.");
        return 0;
    }

    private static void Set(XElement project, string property)
    {
        if (project.Descendants(property).LastOrDefault() is { } element)
            element.Value = "true";
        else
            project.Add(new XElement("PropertyGroup", new XElement(property, "true")));
    }
}
