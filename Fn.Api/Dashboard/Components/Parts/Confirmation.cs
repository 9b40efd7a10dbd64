using Microsoft.FluentUI.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Parts;

/// <summary>Asks whether something that cannot be undone shall be done.</summary>
internal static class Confirmation
{
    /// <param name="dialogs">Where it is asked.</param>
    /// <param name="question">The question.</param>
    /// <param name="message">What will happen.</param>
    /// <param name="yes">What the button says that has it done.</param>
    public static async Task<bool> AskAsync(this IDialogService dialogs, string question, string message, string yes)
    {
        var answer = await dialogs.ShowMessageBoxAsync(new MessageBoxOptions
        {
            Title = question,
            Message = message,
            PrimaryButton = yes,
            // The library's own is Enter, wherever the focus is: on Cancel it would have the thing done, and on either button it is a second answer, which
            // ends the page.
            PrimaryShortCut = "",
            SecondaryButton = "Cancel",
            SecondaryShortCut = "Escape",
        });
        return !answer.Cancelled;
    }
}
